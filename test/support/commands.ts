import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bundleClientCommand, bundleLocalCommand } from '../../tools/build/commands';
import { runFolder } from './run';

const FOLDERS = { 'share-vault': 'client', 'share-vault-local': 'local' };
const COMMANDS = { 'share-vault': bundleClientCommand, 'share-vault-local': bundleLocalCommand };

/** Bundles the packages' commands into the run's folder: loading one from its sources takes three times the CPU. */
export async function bundleCommands(): Promise<void> {
  // the bundles leave their dependencies outside
  symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(runFolder('commands'), 'node_modules'));
  for (const [name, bundle] of Object.entries(COMMANDS)) {
    await bundle(distOf(name as keyof typeof COMMANDS));
    // versions of dependencies that are the package's own
    const own = join(__dirname, '..', '..', FOLDERS[name as keyof typeof COMMANDS], 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(distOf(name as keyof typeof COMMANDS), '..', 'node_modules'));
  }
}

/** The file of a package's command as it ships. */
export function commandFile(name: keyof typeof COMMANDS): string {
  return join(distOf(name), 'cli.cjs');
}

/** The folder that has the default template of the command `share-vault-local`. */
export function commandTemplates(): string {
  return join(distOf('share-vault-local'), 'template');
}

function distOf(name: keyof typeof COMMANDS): string {
  return join(runFolder('commands'), name, 'dist');
}
