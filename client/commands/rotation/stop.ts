import { CommandFailure } from '../command';
import type { ResealMachine } from './machine';
import type { Ask } from './progress-reader';

/**
 * Stops what is running: what Step Functions lists, and then the newest run that the vault knows, since the list lags.
 * Returns why the vault could not be asked, if it could not.
 *
 * @param ask - absent: the caller names no actor, so the vault isn't asked
 * @param onStopped - gets the name of each execution as soon as it is stopped: a vault that is asked may take a while
 */
export async function stopRuns(
  machine: ResealMachine,
  ask: Ask | undefined,
  onStopped: (name: string) => void,
): Promise<string | undefined> {
  const stop = async (name: string): Promise<void> => {
    await machine.stop(name);
    onStopped(name);
  };
  const listed = (await machine.running()).map(({ name }) => name);
  for (const name of listed) await stop(name);
  if (ask === undefined) return undefined;
  try {
    const newest = await newestRun(ask);
    if (newest === undefined || listed.includes(newest)) return undefined;
    if ((await machine.describe(newest))?.status === 'RUNNING') await stop(newest);
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
}

/** Returns the newest run that has no end on record: it goes on, or was stopped. */
async function newestRun(ask: Ask): Promise<string | undefined> {
  const [newest] = await ask(async (vault) => vault.reseals());
  return newest?.endedAt === undefined ? newest?.run : undefined;
}
