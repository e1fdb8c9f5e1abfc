import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runIn } from '../../../support/pack';

const NAMES = '{ ShareVaultClient, ShareVaultError }';
const OPEN = `async function open() {
  const vault = new ShareVaultClient({ environment: 'dev', actor: 'signer', functions: { unseal: 'name' }, lambda });
  const record = await vault.unseal({ kind: 'delegated-share', walletId: 'wallet-1', chain: 'EVM', reason: 'test' });
  try {
    return [Buffer.from(record.delegatedShare).toString(), new ShareVaultError('NotFound', 'none').code].join();
  } finally {
    record.dispose();
  }
}`;
const PRINT = `open().then((opened) => process.stdout.write(opened));`;
const OPENED = 'share,NotFound';
const SCRIPTS = {
  'use.mjs': `import ${NAMES} from '@cdk-share-vault/client'; import { lambda } from './lambda.mjs'; ${OPEN} ${PRINT}`,
  'use.cjs': `const ${NAMES} = require('@cdk-share-vault/client'); const { lambda } = require('./lambda.cjs'); ${OPEN} ${PRINT}`,
  'use.test.js': `const ${NAMES} = require('@cdk-share-vault/client'); const { lambda } = require('./lambda.cjs'); ${OPEN}
    test('opens', async () => expect(await open()).toBe('${OPENED}'));`,
  'both.mjs': `import { createRequire } from 'node:module'; import ${NAMES} from '@cdk-share-vault/client';
    const other = createRequire(import.meta.url)('@cdk-share-vault/client');
    const error = new other.ShareVaultError('NotFound', 'none');
    process.stdout.write([other.ShareVaultError !== ShareVaultError, error instanceof ShareVaultError].join());`,
  'lookup.cjs': `const ${NAMES} = require('@cdk-share-vault/client');
    ShareVaultClient.fromEnvironment({ environment: 'dev', actor: 'signer' })
      .catch((error) => process.stdout.write(error.message));`,
};

/** Tests that the client's package, installed in a project, loads and opens a material in all ways of loading it. */
export function testClientLoading(projectOf: () => string): void {
  describe('loads and opens a material', () => {
    let project: string;
    beforeAll(async () => {
      project = projectOf();
      const entryPoints = [join(__dirname, 'opening-lambda.ts')];
      for (const [file, format] of [
        ['lambda.cjs', 'cjs'],
        ['lambda.mjs', 'esm'],
      ] as const) {
        await build({ entryPoints, outfile: join(project, file), bundle: true, platform: 'node', format });
      }
      for (const [name, script] of Object.entries(SCRIPTS)) writeFileSync(join(project, name), script);
      writeFileSync(join(project, 'package.json'), '{"private":true}');
    });

    test.each([
      ['by import', 'use.mjs'],
      ['by require', 'use.cjs'],
    ])('%s, also if CommonJS can not load ES modules, as in the first releases of Node 22', (_how, file) => {
      expect(runIn(project, [file])).toBe(OPENED);
      expect(runIn(project, ['--no-experimental-require-module', file])).toBe(OPENED);
    });

    test('in Jest with its default settings', () => {
      const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

      expect(() => runIn(project, ['--no-experimental-require-module', jest, '--ci', 'use.test.js'])).not.toThrow();
    });

    test.each([
      ['cjs', 'use.cjs'],
      ['esm', 'use.mjs'],
    ] as const)('bundled by esbuild as %s, without packages beside it', async (format, file) => {
      const alone = mkdtempSync(join(tmpdir(), 'share-vault-bundle-'));
      const outfile = join(alone, file);
      await build({
        entryPoints: [join(project, file)],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node22',
        format,
        mainFields: ['module', 'main'],
      });

      expect(runIn(alone, ['--no-experimental-require-module', file])).toBe(OPENED);
    });

    test('twice in one process, as ES module and as CommonJS, with errors that know one another', () => {
      expect(runIn(project, ['both.mjs'])).toBe('true,true');
    });
  });

  test('is bundled without the client of Parameter Store, which only a lookup loads', async () => {
    const project = projectOf();
    const { metafile } = await build({
      entryPoints: [join(project, 'use.mjs')],
      bundle: true,
      write: false,
      platform: 'node',
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs);

    expect(inputs.filter((path) => path.includes('client-ssm'))).toEqual([]);
    expect(inputs.some((path) => path.includes('client-lambda'))).toBe(true);
    const alone = mkdtempSync(join(tmpdir(), 'share-vault-bundle-'));
    const bundled = { entryPoints: [join(project, 'lookup.cjs')], outfile: join(alone, 'lookup.cjs'), bundle: true };
    await build({ ...bundled, platform: 'node' });
    expect(runIn(alone, ['lookup.cjs'])).toBe(
      'expected the package @aws-sdk/client-ssm, got none: install it, or pass the option ssm',
    );
  });
}
