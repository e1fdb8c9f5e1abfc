import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runFolder } from './run';

/**
 * The folder into which a module of stacks, when run, writes their templates: once for a run, by whoever needs it first,
 * and in a process of its own, for the CDK would stay in this one.
 */
export function synthesized(module: string): string {
  const folder = join(runFolder('synthesized'), basename(module, '.ts'));
  if (existsSync(folder)) return folder;
  const whole = mkdtempSync(`${folder}-`);
  execFileSync(process.execPath, ['--import', 'tsx', module, whole], { stdio: 'inherit' });
  try {
    renameSync(whole, folder);
  } catch {
    // another worker was first
    rmSync(whole, { recursive: true });
  }
  return folder;
}
