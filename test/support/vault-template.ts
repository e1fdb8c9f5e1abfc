import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { copyDatabase } from './kept-database';
import { type Pace, vaultFile } from './pace';
import { runFolder } from './run';
import { synthesized } from './synthesized';

const STACK = join(__dirname, 'local-vault-stack.ts');

/** The template of the vault that tests run. */
export function vaultTemplate(pace: Pace): string {
  return vaultFile(synthesized(STACK), pace);
}

/**
 * Makes a data folder with a migrated database, and the keys of a vault of this template that ran before if one did:
 * initdb takes seconds, as two RSA keys do.
 */
export async function freshData(template: string): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vault-'));
  // PostgreSQL's own user passes through it
  chmodSync(dataDir, 0o711);
  mkdirSync(join(dataDir, 'postgres'), { mode: 0o711 });
  await copyDatabase('migrated', join(dataDir, 'postgres'));
  if (existsSync(kept(template))) cpSync(kept(template), join(dataDir, 'aws'), { recursive: true });
  return dataDir;
}

/** Keeps the keys of a vault as it was made for those that come after it. */
export function keepKeys(template: string, dataDir: string): void {
  if (existsSync(kept(template))) return;
  const whole = mkdtempSync(join(dirname(kept(template)), 'whole-'));
  cpSync(join(dataDir, 'aws', 'kms'), join(whole, 'kms'), { recursive: true });
  cpSync(join(dataDir, 'aws', 'template-keys.json'), join(whole, 'template-keys.json'));
  try {
    renameSync(whole, kept(template));
  } catch {
    // another worker was first
    rmSync(whole, { recursive: true });
  }
}

function kept(template: string): string {
  return join(runFolder('keys'), basename(template));
}
