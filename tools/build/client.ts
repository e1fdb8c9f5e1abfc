import { join } from 'node:path';
import { bundleClientCommand, bundleForNode } from './commands';
import { declarations } from './declarations';
import { emptyDist } from './package-folder';

const PACKAGE = join(__dirname, '..', '..', 'client');

/** Builds the package `share-vault` into `client/dist`: an ES module, its CommonJS twin, their types, and the command. */
export async function buildClient(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  const entryPoints = [join(PACKAGE, 'index.ts')];
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.mjs'), format: 'esm' });
  await bundleForNode(PACKAGE, { entryPoints, outfile: join(dist, 'index.cjs'), format: 'cjs' });
  await bundleClientCommand(dist);
  declarations(join(PACKAGE, 'index.ts'), join(dist, 'types'));
}
