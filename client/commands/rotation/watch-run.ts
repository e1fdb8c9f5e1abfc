import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure, type Context, type Values } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { printJson } from '../output';
import { printable } from '../printable';
import { WATCH_PAUSE_MS } from '../watch';
import type { Execution, ResealMachine } from './machine';
import { lineOf } from './progress';
import type { ProgressReader } from './progress-reader';

/** A minute: Step Functions knows a started execution by then, and an outage that is longer ends a watch. */
const MAX_MISSES = 30;

export interface Watched {
  readonly machine: ResealMachine;
  readonly reader: ProgressReader;
  /** what is watched, as it was known last */
  readonly execution: Execution;
}

/** Prints a line every two seconds until the run ends. */
export async function watchRun(context: Context, values: Values, watched: Watched): Promise<ExitCode> {
  const { machine, reader } = watched;
  const note = noteOn(context);
  let last = watched.execution;
  for await (const execution of untilEnded(machine, watched.execution, note)) {
    last = execution;
    const progress = await reader.read(execution.name, execution.status === 'RUNNING', note);
    if (values.json === true) printJson(context.stdout, { ...execution, ...progress });
    else context.stdout.write(`${printable(lineOf(execution.status, progress))}\n`);
    if (!context.stdout.writable) break;
  }
  return exitOf(last);
}

/** Yields an execution every two seconds, as it is known, until it has ended. */
export async function* untilEnded(
  machine: ResealMachine,
  started: Execution,
  note: (reason: string) => void,
): AsyncGenerator<Execution, void, undefined> {
  let execution = started;
  for (let misses = 0; ;) {
    yield execution;
    if (execution.status !== 'RUNNING') return;
    await sleep(WATCH_PAUSE_MS);
    // always the same one: the newest in the list may be a former one
    const next = await describe(machine, execution.name, misses < MAX_MISSES ? note : undefined);
    misses = next === undefined ? misses + 1 : 0;
    execution = next ?? execution;
  }
}

/** Returns the execution; `undefined` if it isn't known yet, or after a failure that may pass. @param note - absent: throws */
async function describe(
  machine: ResealMachine,
  name: string,
  note: ((reason: string) => void) | undefined,
): Promise<Execution | undefined> {
  try {
    const found = await machine.describe(name);
    if (found !== undefined || note !== undefined) return found;
    throw new CommandFailure('expected the execution that was started, got none', { exit: EXIT.notFound });
  } catch (error) {
    const passes = error instanceof CommandFailure && error.exit === EXIT.retryable;
    if (note === undefined || !passes) throw error;
    note(error.message);
    return undefined;
  }
}

/** Returns a function that prints why something is missing. */
export function noteOn({ stderr }: Pick<Context, 'stderr'>, command = 'reseal'): (reason: string) => void {
  return (reason) => void stderr.write(`share-vault ${command}: ${printable(reason)}\n`);
}

export function exitOf({ status }: Execution): ExitCode {
  return status === 'RUNNING' || status === 'SUCCEEDED' ? EXIT.done : EXIT.failed;
}
