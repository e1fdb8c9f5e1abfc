import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMER_ENV } from '../../../lambda/contract/variables';
import { CommandFailure, type Context, UsageError, type Values } from '../command';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { printJson, printLines } from '../output';
import { printable } from '../printable';
import { WATCH_PAUSE_MS } from '../watch';
import { type Execution, ResealMachine } from './machine';
import { type Progress, lineOf, progressOf, spanText } from './progress';

export async function runReseal(context: Context, values: Values, args: readonly string[]): Promise<ExitCode> {
  const [action, ...more] = args;
  if (more.length > 0) throw new UsageError('expected start, status or stop, got more');
  if (values.failures === true && action !== 'status')
    throw new UsageError('--failures: expected reseal status with it');
  if (values.watch === true && action === 'stop')
    throw new UsageError('--watch: expected reseal start or status with it');
  using machine = new ResealMachine(context);
  switch (action) {
    case 'start':
      return await start(context, values, machine);
    case 'status':
      return await (values.failures === true ? listFailures : status)(context, values, machine);
    case 'stop':
      return await stop(context, values, machine);
    default:
      throw new UsageError('expected start, status or stop, got something else');
  }
}

async function start(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  const last = await machine.last();
  const isRunning = last?.status === 'RUNNING';
  const run = isRunning ? last.name : await machine.start();
  if (values.json === true) printJson(context.stdout, { run, started: !isRunning });
  else context.stdout.write(`${isRunning ? 'runs already' : 'started'}: ${printable(run)}\n`);
  return values.watch === true ? watch(context, values, machine) : EXIT.done;
}

async function stop(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  const stopped = await machine.stop();
  if (values.json === true) printJson(context.stdout, { stopped });
  else {
    const lines = stopped.map(
      (name) => `stopped: ${printable(name)}; a step that has begun ends within five minutes\n`,
    );
    context.stdout.write(lines.join('') || 'nothing is running\n');
  }
  return EXIT.done;
}

async function status(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  if (values.watch === true) return watch(context, values, machine);
  const execution = await lastOf(machine);
  const progress = await sight(context, values, execution);
  if (values.json === true) printJson(context.stdout, { ...execution, ...progress });
  else context.stdout.write(facts(factsOf(execution, progress), context.stdout.columns));
  return exitOf(execution);
}

async function lastOf(machine: ResealMachine): Promise<Execution> {
  const execution = await machine.last();
  if (execution !== undefined) return execution;
  throw new CommandFailure('expected a reseal of the last 90 days, got none: share-vault reseal start', {
    exit: EXIT.notFound,
  });
}

/** Prints a line at each sight until the run ends. */
async function watch(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  let before: Parameters<typeof progressOf>[2];
  for (;;) {
    const execution = await lastOf(machine);
    const progress = await sight(context, values, execution, before);
    if (progress !== undefined) before = { resealed: progress.resealed, at: Date.now() };
    const line = progress === undefined ? execution.status : `${execution.status}  ${lineOf(progress)}`;
    if (values.json === true) printJson(context.stdout, { ...execution, ...progress });
    else context.stdout.write(`${printable(line)}\n`);
    if (execution.status !== 'RUNNING' || !context.stdout.writable) return exitOf(execution);
    await sleep(WATCH_PAUSE_MS);
  }
}

/** Returns the run's progress; `undefined` before its first step, and for a caller who names no actor. */
async function sight(
  context: Context,
  values: Values,
  { name }: Execution,
  before?: Parameters<typeof progressOf>[2],
): Promise<Progress | undefined> {
  if (values.actor === undefined && (context.env[CONSUMER_ENV.actor] ?? '') === '') return undefined;
  return withVault(context, values, 'audit', async (vault) => {
    const run = (await vault.reseals()).find((each) => each.run === name);
    return run && progressOf(run, (await vault.census()).groups, before);
  });
}

function factsOf({ name, status: state, startedAt, endedAt, error }: Execution, progress: Progress | undefined) {
  const shown = (text: string | undefined) => (text === undefined ? undefined : printable(text));
  const execution = [['run', shown(name)], ['state', shown(state)], ['started', shown(startedAt)], ['ended', shown(endedAt)], ['error', shown(error)]] as const; // prettier-ignore
  if (progress === undefined) return execution;
  const { resealed, failed, left, rate, secondsLeft } = progress;
  const timeLeft = state !== 'RUNNING' || secondsLeft === undefined ? undefined : spanText(secondsLeft);
  return [
    ...execution,
    ...([['resealed', resealed], ['failed', failed], ['left', left], ['records a second', rate.toFixed(1)], ['time left', timeLeft]] as const), // prettier-ignore
  ];
}

function exitOf({ status: state }: Execution): ExitCode {
  return state === 'RUNNING' || state === 'SUCCEEDED' ? EXIT.done : EXIT.failed;
}

async function listFailures(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  const { name } = await lastOf(machine);
  return withVault(context, values, 'audit', async (vault) => {
    let count = 0;
    const lines = async function* () {
      for await (const failure of vault.resealFailures(name)) {
        count += 1;
        const { kind, chain, recordId, code, walletId } = failure;
        if (values.json === true) yield JSON.stringify(failure);
        else yield printable([code, kind, chain, recordId, walletId].join('  '));
      }
    };
    await printLines(context.stdout, lines());
    return count === 0 ? EXIT.done : EXIT.failed;
  });
}
