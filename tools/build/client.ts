import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundleClientCommand, bundleForNode } from './commands';
import { writeDeclarations } from './declarations';
import { emptyDist } from './package-folder';

const ROOT = join(__dirname, '..', '..');
const PACKAGE = join(ROOT, 'client');

/** Builds the package `@cdk-share-vault/client` into `client/dist`: an ES module, its CommonJS twin, their types, the command, and the JSON Schemas. */
export async function buildClient(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  const entryPoints = [join(PACKAGE, 'index.ts')];
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.mjs'), format: 'esm' });
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.cjs'), format: 'cjs' });
  await bundleClientCommand(dist);
  cpSync(join(ROOT, 'docs', 'schemas'), join(dist, 'schemas'), { recursive: true });
  writeDeclarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
}
