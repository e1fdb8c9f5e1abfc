import { CommandFailure } from '../command';
import type { ResealMachine } from './machine';
import type { Ask } from './progress-reader';

/** The executions that were stopped, by name, and the reason why the vault could not be asked for more. */
export interface Stopped {
  readonly stopped: readonly string[];
  readonly failure?: string;
}

/**
 * Stops what is running: what Step Functions lists, and the newest run that the vault knows, since the list lags.
 *
 * @param ask - absent: the caller names no actor, so the vault isn't asked
 */
export async function stopRuns(machine: ResealMachine, ask: Ask | undefined): Promise<Stopped> {
  const stopped = (await machine.running()).map(({ name }) => name);
  for (const name of stopped) await machine.stop(name);
  if (ask === undefined) return { stopped };
  try {
    const unlisted = await newestRun(ask);
    if (unlisted === undefined || stopped.includes(unlisted)) return { stopped };
    if ((await machine.describe(unlisted))?.status !== 'RUNNING') return { stopped };
    await machine.stop(unlisted);
    return { stopped: [...stopped, unlisted] };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { stopped, failure: error.message };
  }
}

/** Returns the newest run that has no end on record: it goes on, or was stopped. */
async function newestRun(ask: Ask): Promise<string | undefined> {
  const [newest] = await ask(async (vault) => vault.reseals());
  return newest?.endedAt === undefined ? newest?.run : undefined;
}
