import { ShareVaultError } from '../../errors';
import { CommandFailure } from '../command';
import { EXIT } from '../exit-codes';

/** A response, and the freeze that it is about. */
export type Turn<T> = T & { readonly freezeId: number };

/**
 * Makes a call for each freeze, and shows what was done, in any case. A conflict, such as a freeze that was thawed already,
 * doesn't keep the others from theirs; any other failure does. Throws the failure after what was shown: the own error of a
 * single freeze, one that names each conflict of several.
 */
export async function inTurn<T>(
  freezeIds: readonly number[],
  call: (freezeId: number) => Promise<T>,
  show: (done: readonly [Turn<T>, ...Turn<T>[]]) => void,
): Promise<void> {
  const done: Turn<T>[] = [];
  const conflicts: { readonly freezeId: number; readonly error: Error }[] = [];
  try {
    for (const freezeId of freezeIds) {
      try {
        done.push({ freezeId, ...(await call(freezeId)) });
      } catch (error) {
        if (freezeIds.length === 1 || !isConflict(error)) throw error;
        conflicts.push({ freezeId, error });
      }
    }
  } finally {
    const [one, ...others] = done;
    if (one !== undefined) show([one, ...others]);
  }
  const [first] = conflicts;
  if (first === undefined) return;
  const problems = conflicts.map(({ freezeId, error }) => `freeze ${freezeId}: ${error.message}`).join('; ');
  throw new CommandFailure(problems, { exit: EXIT.conflict, cause: first.error });
}

function isConflict(error: unknown): error is Error {
  if (error instanceof CommandFailure) return error.exit === EXIT.conflict;
  return error instanceof ShareVaultError && error.code === 'Conflict';
}

/** Names freezes by their numbers: `freeze 3`, `freezes 3, 4 and 7`. */
export function namesOf(freezeIds: readonly number[]): string {
  const [last = 0, ...others] = freezeIds.toReversed();
  return others.length === 0 ? `freeze ${last}` : `freezes ${others.toReversed().join(', ')} and ${last}`;
}
