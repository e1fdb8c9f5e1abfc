import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Machine } from './machine';
import type { Ratio, Table } from './table';

/** The ratios of `bench/results.json`, by subject. */
export type Results = Readonly<Record<string, SubjectResults>>;

export interface SubjectResults {
  readonly machine: Machine;
  /** by their ids */
  readonly ratios: readonly WrittenRatio[];
}
export type WrittenRatio = Omit<Ratio, 'heading'>;

const BY_NUMBERS_TOO = new Intl.Collator('en', { numeric: true });

/**
 * Returns the ratios of tables in the order of their ids. Throws if an id is there twice or doesn't begin with the subject's
 * name, or if a ratio is no number.
 */
export function ratiosOf(subject: string, tables: readonly Table[]): readonly Ratio[] {
  const ratios = tables.flatMap(({ rows }) => rows.flatMap((row) => row.ratios ?? []));
  const ids = new Set<string>();
  for (const { id, median, low, high } of ratios) {
    if (!id.startsWith(`${subject}/`)) throw new Error(`expected ratios of ${subject}/…, got ${id}`);
    if (ids.has(id)) throw new Error(`expected the ratio ${id} once, got it twice`);
    if (![median, low, high].every(Number.isFinite)) {
      throw new Error(`expected numbers of ${id}, got ${median}, ${low} and ${high}`);
    }
    ids.add(id);
  }
  return ratios.toSorted((a, b) => BY_NUMBERS_TOO.compare(a.id, b.id));
}

/** Returns the results with those of one subject replaced, the subjects in the order of `names`. Forgets unknown ones. */
export function withSubject(results: Results, subject: string, own: SubjectResults, names: readonly string[]): Results {
  const all: Results = { ...results, [subject]: own };
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
}

/** Returns what is in a results file, nothing if there is none. Throws for anything but JSON. */
export function readResults(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

export function writeResults(file: string, results: Results): void {
  const text = `${JSON.stringify(rounded(results), undefined, 2)}\n`;
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/** Leaves out what is for people only, and digits that differ in every run. */
function rounded(results: Results): Results {
  return Object.fromEntries(
    Object.entries(results).map(([name, { machine, ratios }]) => [name, { machine, ratios: ratios.map(roundedRatio) }]),
  );
}

function roundedRatio({ id, median, low, high, goal }: WrittenRatio): WrittenRatio {
  const spread = { median: digits(median), low: digits(low), high: digits(high) };
  return { id, ...spread, ...(goal === undefined ? {} : { goal }) };
}

const digits = (value: number): number => Number(value.toPrecision(4));
