import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureBundles } from '../../test/support/synth';

let directory: string | undefined;

/** Returns a directory of handlers whose code differs from that of the fixture in each. */
export function otherBundles(): string {
  if (directory !== undefined) return directory;
  directory = mkdtempSync(join(tmpdir(), 'share-vault-other-bundles-'));
  cpSync(fixtureBundles(), directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    writeFileSync(join(directory, name, 'index.mjs'), `export const handler = () => 'another ${name}';\n`);
  }
  return directory;
}
