import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writePrivately } from '../services/files';
import { readJson } from '../template/template';
import type { StackPlace } from './place';

const STACK = v.object({ stack: v.string(), account: v.string(), region: v.string() });

/**
 * Takes a data folder for one stack, for good: what it holds goes by logical ids, which another stack has too. Throws
 * where another one was deployed into it. A folder from before this was written down is taken as it is.
 */
export function claimFolder(dir: string, place: StackPlace): void {
  requireSameStack(dir, place);
  if (!existsSync(fileIn(dir))) writePrivately(fileIn(dir), Buffer.from(JSON.stringify(place)));
}

/** Throws where a data folder is another stack's. */
export function requireSameStack(dir: string, place: StackPlace): void {
  const file = fileIn(dir);
  if (!existsSync(file)) return;
  const former = v.safeParse(STACK, readJson(file));
  if (!former.success) throw new Error(`${file}: expected the stack whose folder it is, got none`);
  if (named(former.output) === named(place)) return;
  throw new Error(
    `expected a data folder of ${named(place)}, got ${dir}, that of ${named(former.output)}: name another one, or remove it with all that it holds`,
  );
}

function fileIn(dir: string): string {
  return join(dir, 'stack.json');
}

function named({ stack, account, region }: StackPlace): string {
  return `stack ${stack} (${account}, ${region})`;
}
