import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writePrivately } from '../services/files';
import { readJson } from '../template/template';
import type { StackPlace } from './place';

const PLACE = { account: v.string(), region: v.string() };
const OWNER = v.union([v.object({ ...PLACE, stack: v.string() }), v.object({ ...PLACE, stacks: v.array(v.string()) })]);
type Owner = v.InferOutput<typeof OWNER>;

/** The stack, or the stacks of an app, that a data folder belongs to. */
export interface FolderOwner {
  readonly place: StackPlace;
  /** names of an app's stacks; undefined for one template */
  readonly stacks: readonly string[] | undefined;
}

/**
 * Assigns a data folder permanently to one stack, or to the stacks of an app: its content is stored by logical id, and
 * another stack could use the same ids. An app's folder may gain stacks. Throws if the folder is another stack's.
 * Accepts an older folder that has no stack recorded.
 */
export function claimFolder(dir: string, owner: FolderOwner): void {
  const former = requireSameStack(dir, owner);
  const now = ownerOf(owner);
  if (former !== undefined && !('stacks' in former && 'stacks' in now)) return;
  const stacks = [former, now].flatMap((each) => (each !== undefined && 'stacks' in each ? each.stacks : []));
  const content = 'stacks' in now ? { ...now, stacks: [...new Set(stacks)] } : now;
  writePrivately(fileIn(dir), Buffer.from(JSON.stringify(content)));
}

/** Returns the owner of a data folder; undefined if none is recorded. Throws if it is another stack or app. */
export function requireSameStack(dir: string, owner: FolderOwner): Owner | undefined {
  const file = fileIn(dir);
  if (!existsSync(file)) return undefined;
  const former = v.safeParse(OWNER, readJson(file));
  if (!former.success) throw new Error(`${file}: expected a stack, an account and a region, got something else`);
  const now = ownerOf(owner);
  if (isSame(former.output, now)) return former.output;
  throw new Error(
    `expected a data folder of ${named(now)}, got ${dir} of ${named(former.output)}: use another folder, or remove this one with all its data`,
  );
}

function ownerOf({ place: { stack, account, region }, stacks }: FolderOwner): Owner {
  return stacks === undefined ? { stack, account, region } : { stacks: [...stacks], account, region };
}

/** Returns whether two owners are the same stack, or apps with a stack in common. */
function isSame(former: Owner, now: Owner): boolean {
  if (former.account !== now.account || former.region !== now.region) return false;
  if ('stacks' in former) return 'stacks' in now && now.stacks.some((name) => former.stacks.includes(name));
  return 'stack' in now && now.stack === former.stack;
}

function fileIn(dir: string): string {
  return join(dir, 'stack.json');
}

function named(owner: Owner): string {
  const { account, region } = owner;
  const what = 'stack' in owner ? `stack ${owner.stack}` : `an app with ${owner.stacks.join(', ')}`;
  return `${what} (${account}, ${region})`;
}
