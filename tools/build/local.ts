import { join } from 'node:path';
import { bundleLocalCommand } from './commands';
import { buildDevTemplate } from './dev-template';
import { emptyDist } from './package-folder';

const PACKAGE = join(__dirname, '..', '..', 'local');

/**
 * Builds the package `@cdk-share-vault/local` into `local/dist`: its command, the process that runs a handler, the handlers
 * (`dist/lambda`, built before) and a template to deploy. The command finds each relative to its own folder.
 */
export async function buildLocal(): Promise<void> {
  const dist = emptyDist(PACKAGE);
  await bundleLocalCommand(dist);
  buildDevTemplate(join(dist, 'template'));
}
