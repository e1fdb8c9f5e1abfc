import { build } from 'esbuild';
import { join } from 'node:path';

/**
 * Bundles the baseline as `NodejsFunction` of the AWS CDK does for the vault's runtime if nothing is set but
 * `bundleAwsSDK`: not minified, CommonJS, the packages' main files. Returns the file and its length in bytes.
 */
export async function buildDefaultBundle(outdir: string): Promise<{ readonly file: string; readonly bytes: number }> {
  const file = join(outdir, 'index.js');
  const { metafile } = await build({
    entryPoints: [join(__dirname, '..', 'baselines', 'default-handler.ts')],
    outfile: file,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return { file, bytes: output?.bytes ?? Number.NaN };
}
