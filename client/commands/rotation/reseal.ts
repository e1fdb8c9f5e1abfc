import { RESEAL_STEP_MINUTES } from '../../../lambda/contract/limits';
import { CommandFailure, type Context, UsageError, type Values } from '../command';
import { actorOf } from '../data/options';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { ascii, printJson, printLines } from '../output';
import { facts } from '../layout';
import { printable } from '../printable';
import { type Execution, ResealMachine } from './machine';
import { type Progress, spanText } from './progress';
import { type Ask, ProgressReader, askAs } from './progress-reader';
import { runReceipt } from './receipt';
import { stopRuns } from './stop';
import { exitOf, noteOn, watchRun } from './watch-run';

export async function runReseal(context: Context, values: Values, args: readonly string[]): Promise<ExitCode> {
  const [action, ...more] = args;
  if (more.length > (action === 'receipt' ? 1 : 0)) {
    throw new UsageError('expected start, status, stop or receipt [RUN], got more');
  }
  if (values.failures === true && action !== 'status')
    throw new UsageError('--failures: expected reseal status with it');
  if (values.watch === true && (action === 'stop' || action === 'receipt'))
    throw new UsageError('--watch: expected reseal start or status with it');
  if (values.file !== undefined && action !== 'receipt')
    throw new UsageError('--file: expected reseal receipt with it');
  if (action === 'receipt') return await runReceipt(context, values, more[0]);
  const ask = askAs(context, values);
  if (values.failures === true) actorOf(context, values);
  using machine = new ResealMachine(context);
  const reader = new ProgressReader(ask);
  switch (action) {
    case 'start':
      return await start(context, values, machine, reader);
    case 'status':
      if (values.failures === true) return await listFailures(context, values, machine);
      return await status(context, values, machine, reader);
    case 'stop':
      return await stop(context, values, machine, ask);
    default:
      throw new UsageError('expected start, status, stop or receipt, got something else');
  }
}

async function start(context: Context, values: Values, machine: ResealMachine, reader: ProgressReader) {
  const running = await runningOf(machine);
  const execution = running ?? (await machine.start());
  const run = execution.name;
  if (values.json === true) printJson(context.stdout, { run, started: running === undefined });
  else context.stdout.write(`${running === undefined ? 'started' : 'runs already'}: ${printable(run)}\n`);
  return values.watch === true ? watchRun(context, values, { machine, reader, execution }) : EXIT.done;
}

/** Returns the execution that runs; `undefined` also for a caller who may not know it: a second one does no harm. */
async function runningOf(machine: ResealMachine): Promise<Execution | undefined> {
  try {
    const listed = await machine.resealing();
    // the list lags: what was stopped a moment ago must not keep the next run from its start
    const found = listed && ((await machine.describe(listed.name)) ?? listed);
    return found?.status === 'RUNNING' ? found : undefined;
  } catch (error) {
    if (error instanceof CommandFailure && error.exit === EXIT.refused) return undefined;
    throw error;
  }
}

async function stop(context: Context, values: Values, machine: ResealMachine, ask: Ask | undefined) {
  const stopped: string[] = [];
  const failure = await stopRuns(machine, ask, (name) => {
    stopped.push(name);
    if (values.json !== true) context.stdout.write(`stopped: ${printable(name)}\n`);
  });
  if (values.json === true) printJson(context.stdout, { stopped });
  else if (stopped.length === 0) context.stdout.write('nothing is running, as far as it is listed\n');
  if (values.json !== true) context.stderr.write(stopped.length > 0 ? STEP_ENDS : MAY_BE_MISSING);
  if (failure !== undefined) noteOn(context)(failure);
  return EXIT.done;
}

const STEP_ENDS = `a step that has begun ends within ${RESEAL_STEP_MINUTES} minutes: share-vault freeze --all ends it sooner, and stops all openings\n`;
const MAY_BE_MISSING = 'a run that started in the last minute may be missing: repeat the command then\n';

async function status(context: Context, values: Values, machine: ResealMachine, reader: ProgressReader) {
  const execution = await lastOf(machine);
  if (values.watch === true) return watchRun(context, values, { machine, reader, execution });
  const notes: string[] = [];
  const progress = await reader.read(execution.name, execution.status === 'RUNNING', (reason) => notes.push(reason));
  if (values.json === true) printJson(context.stdout, { ...execution, ...progress });
  else context.stdout.write(facts(factsOf(execution, progress), context.stdout.columns));
  notes.forEach(noteOn(context));
  return exitOf(execution);
}

async function lastOf(machine: ResealMachine): Promise<Execution> {
  const execution = await machine.last();
  if (execution !== undefined) return execution;
  throw new CommandFailure('expected a reseal of the last 90 days, got none: share-vault reseal start', {
    exit: EXIT.notFound,
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

async function listFailures(context: Context, values: Values, machine: ResealMachine): Promise<ExitCode> {
  const { name } = await lastOf(machine);
  return withVault(context, values, 'audit', async (vault) => {
    let count = 0;
    const lines = async function* () {
      for await (const failure of vault.resealFailures(name)) {
        count += 1;
        const { kind, chain, recordId, code, walletId } = failure;
        if (values.json === true) yield ascii(JSON.stringify(failure));
        else yield printable([code, kind, chain, recordId, walletId].join('  '));
      }
    };
    await printLines(context.stdout, lines());
    const { failed = 0 } = (await vault.reseals()).find(({ run }) => run === name) ?? {};
    if (failed > count)
      noteOn(context)(`${count} of ${failed} records are listed: at most 1000 of a kind under one key`);
    return count === 0 && failed === 0 ? EXIT.done : EXIT.failed;
  });
}
