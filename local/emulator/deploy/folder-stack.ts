import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writePrivately } from '../services/files';
import { readJson } from '../template/template';
import type { StackPlace } from './place';

const STACK = v.object({ stack: v.string(), account: v.string(), region: v.string() });

/**
 * Assigns a data folder permanently to one stack: its content is stored by logical id, and another stack could use the
 * same ids. Throws if the folder is another stack's. Accepts an older folder that has no stack recorded.
 */
export function claimFolder(dir: string, place: StackPlace): void {
  requireSameStack(dir, place);
  if (!existsSync(fileIn(dir))) writePrivately(fileIn(dir), Buffer.from(JSON.stringify(place)));
}

/** Throws if a data folder is another stack's. */
export function requireSameStack(dir: string, place: StackPlace): void {
  const file = fileIn(dir);
  if (!existsSync(file)) return;
  const former = v.safeParse(STACK, readJson(file));
  if (!former.success) throw new Error(`${file}: expected a stack, an account and a region, got something else`);
  if (named(former.output) === named(place)) return;
  throw new Error(
    `expected a data folder of ${named(place)}, got ${dir} of ${named(former.output)}: use another folder, or remove this one with all its data`,
  );
}

function fileIn(dir: string): string {
  return join(dir, 'stack.json');
}

function named({ stack, account, region }: StackPlace): string {
  return `stack ${stack} (${account}, ${region})`;
}
