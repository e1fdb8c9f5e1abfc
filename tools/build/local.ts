import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleForNode, bundleLocalCommand } from './commands';
import { writeDeclarations } from './declarations';
import { buildDevTemplate } from './dev-template';
import { emptyDist } from './package-folder';

const PACKAGE = join(__dirname, '..', '..', 'local');

/**
 * Builds the package `@cdk-share-vault/local` into `local/dist`: its module and the process that runs a vault for it, its
 * command, the process that runs a handler, the handlers (`dist/lambda`, built before) and a template to deploy. Each
 * finds the others relative to its own folder.
 */
export async function buildLocal(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  await bundleLocalModule(dist);
  // last: it bundles all that the others do, and each build writes the licences of what it bundles
  await bundleLocalCommand(dist);
  writeDeclarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
  buildDevTemplate(join(dist, 'template'));
}

/** An ES module with the same instance: the module finds its process relative to its file, which only CommonJS names. */
const ES_MODULE = `export { startLocalVault } from './index.cjs';\n`;

async function bundleLocalModule(dist: string): Promise<void> {
  for (const [name, source] of [
    ['vault-process', 'vault-process.ts'],
    ['index', 'index.ts'],
  ] as const) {
    const outfile = join(dist, `${name}.cjs`);
    await bundleForNode(PACKAGE, { entryPoints: [join(PACKAGE, source)], outfile, format: 'cjs' });
  }
  writeFileSync(join(dist, 'index.mjs'), ES_MODULE);
}
