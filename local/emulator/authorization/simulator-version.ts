import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SIMULATOR } from './simulator';

/** Returns the installed simulator's name and version: decisions of another version may differ. */
export function simulatorVersion(): { name: string; version: string } {
  let folder = dirname(createRequire(__filename).resolve(SIMULATOR));
  while (!existsSync(join(folder, 'package.json')) || nameIn(folder) !== SIMULATOR) {
    if (dirname(folder) === folder) throw new Error(`expected a package.json of ${SIMULATOR}, got none`);
    folder = dirname(folder);
  }
  return { name: SIMULATOR, version: String(packageIn(folder).version) };
}

function nameIn(folder: string): unknown {
  return packageIn(folder).name;
}

function packageIn(folder: string): { readonly name?: unknown; readonly version?: unknown } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown; version?: unknown };
}
