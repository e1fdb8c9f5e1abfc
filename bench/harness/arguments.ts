import { parseArgs } from 'node:util';

/** A run of `npm run bench`, as its arguments ask for it. */
export interface Run {
  readonly subjects: readonly string[];
  readonly quick: boolean;
  /** compares with the committed ratios and writes nothing */
  readonly guard: boolean;
  /** path of the results to write or to compare with @default - `bench/results.json`, and a quick run writes nothing */
  readonly results?: string;
}

/** Arguments that make no run. Its message is for the person at the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  guard: { type: 'boolean', default: false },
  results: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The subjects in their order, and those of a quick run. */
export interface Names {
  readonly all: readonly string[];
  readonly quick: readonly string[];
}

export function usage({ all, quick }: Names): string {
  return [
    'usage: npm run bench -- [--quick] [--guard] [--results FILE] [SUBJECT…]',
    '',
    'Compares the vault with its alternatives, prints a table a subject, and writes the ratios to bench/results.json.',
    '',
    '  --quick         fewer rounds, sizes and subjects: ends within two minutes; writes no results',
    '  --guard         compares the ratios with the written ones: exit 1 if one got worse; writes no results',
    '  --results FILE  the file to write, also by a quick run, or to compare with',
    '  --help          prints this',
    '',
    `subjects, all by default: ${all.join(' ')}`,
    `with --quick, by default: ${quick.join(' ')}`,
    'exit status: 0 done, 1 a subject failed or a ratio got worse, 2 wrong arguments',
  ].join('\n');
}

/**
 * Returns the run, or `undefined` if the arguments ask for help. Throws `UsageError` for an unknown option or subject.
 */
export function parseRun(args: readonly string[], names: Names): Run | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const unknown = positionals.filter((name) => !names.all.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`expected subjects of: ${names.all.join(' ')}; got: ${unknown.join(' ')}`);
  }
  if (values.results === '') throw new UsageError('expected a path after --results, got none');
  const { quick, guard, results } = values;
  const named = names.all.filter((name) => positionals.includes(name));
  const subjects = named.length > 0 ? named : quick ? names.quick : names.all;
  return { subjects, quick, guard, ...(results === undefined ? {} : { results }) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
