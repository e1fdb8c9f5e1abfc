import { join } from 'node:path';
import { type Run, UsageError, parseRun, usage } from './harness/arguments';
import { compareWithCommitted } from './harness/guard';
import { headerLine, watchMachine } from './harness/machine';
import { progressLine } from './harness/progress-line';
import { WIDTH, formatNumber, renderTable } from './harness/render';
import { ratiosOf, readResults, withSubject, writeResults } from './harness/results';
import { runSubject } from './harness/run-subject';
import { QUICK_SUBJECTS, SUBJECTS } from './subjects';

const RESULTS = join(__dirname, 'results.json');
const NAMES = Object.keys(SUBJECTS);

/** `npm run bench`: see `usage`. Returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const run = parseRun(args, { all: NAMES, quick: QUICK_SUBJECTS });
  if (run === undefined) {
    console.log(usage({ all: NAMES, quick: QUICK_SUBJECTS }));
    return 0;
  }
  if (run.guard && !hasGoals(run)) {
    console.error('expected written ratios to compare with, got none');
    return 1;
  }
  await buildFor(run);
  const outcomes: boolean[] = [];
  // after a failure the other subjects can still be measured
  for (const name of run.subjects) outcomes.push(await measure(name, run).catch(failure));
  return outcomes.every(Boolean) ? 0 : 1;
}

/** Checks that the file has ratios which the guard can compare. */
function hasGoals({ subjects, results = RESULTS }: Run): boolean {
  const written = readResults(results);
  return subjects.some((name) => written[name]?.ratios.some(({ goal }) => goal !== undefined));
}

function failure(error: unknown): false {
  console.error(error instanceof Error ? error.message : error);
  return false;
}

async function buildFor({ subjects }: Run): Promise<void> {
  if (!subjects.some((name) => SUBJECTS[name]?.needsBuild ?? true)) return;
  // loading the CDK takes seconds
  const { buildCurrentHandlers } = await import('../tools/build/current-handlers');
  const { buildDevTemplate } = await import('../tools/build/dev-template');
  await buildCurrentHandlers();
  buildDevTemplate();
}

/** Measures a subject, prints its tables, and writes or guards its ratios. Returns whether the guard passed. */
async function measure(name: string, run: Run): Promise<boolean> {
  const line = progressLine(process.stderr);
  line?.show(`${name}: starting`);
  const machineNow = watchMachine();
  const progress = line && ((text: string) => line.show(`${name}: ${text}`));
  const tables = await runSubject(name, { quick: run.quick, progress }).finally(() => line?.erase());
  const machine = machineNow();
  const lines = tables.flatMap((table) => ['', ...renderTable(table)]);
  console.log(`\n${[headerLine(name, machine, WIDTH), ...lines].join('\n')}`);
  const ratios = ratiosOf(name, tables);
  if (run.guard) return guard(name, ratios, run);
  if (!run.quick || run.results !== undefined) {
    const file = run.results ?? RESULTS;
    writeResults(file, withSubject(readResults(file), name, { machine, ratios }, NAMES));
  }
  return true;
}

function guard(name: string, ratios: ReturnType<typeof ratiosOf>, { quick, results = RESULTS }: Run): boolean {
  const { compared, worse } = compareWithCommitted(name, ratios, readResults(results), { quick });
  for (const { id, committed, measured, limit } of worse) {
    const now = measured === undefined ? 'it is not measured' : `got ${formatNumber(measured)}`;
    console.log(`worse: ${id} was ${formatNumber(committed)}, expected ${formatNumber(limit)} or better, ${now}`);
  }
  console.log(`guard: ${name}: ${compared} ratios compared, ${worse.length} worse`);
  return worse.length === 0;
}

main(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    console.error(
      error instanceof UsageError ? `${error.message}\nnpm run bench -- --help lists the arguments` : error,
    );
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
