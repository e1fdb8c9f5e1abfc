import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runFolder } from './run';

/**
 * Returns the folder of the templates that a module of stacks writes. The first caller of a run creates it in a process
 * of its own, so that the CDK does not stay loaded in this one.
 */
export function synthesized(module: string): string {
  const folder = join(runFolder('synthesized'), basename(module, '.ts'));
  if (existsSync(folder)) return folder;
  const whole = mkdtempSync(`${folder}-`);
  execFileSync(process.execPath, ['--import', 'tsx', module, whole], { stdio: 'inherit' });
  try {
    renameSync(whole, folder);
  } catch {
    // another worker created it first
    rmSync(whole, { recursive: true });
  }
  return folder;
}
