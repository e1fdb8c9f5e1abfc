import type { Goal, Ratio } from './table';

/** The times of each way, one a round, all in the same unit. */
export type Times<K extends string> = Readonly<Record<K, readonly number[]>>;

export interface Rounds {
  readonly warmUp: number;
  readonly rounds: number;
}

/**
 * Measures several ways in turn, once each in every round, and another one first in each round: a slow moment of the
 * machine slows them all, and none is always first.
 */
export async function takeTurns<K extends string>(
  ways: Readonly<Record<K, () => Promise<number>>>,
  { warmUp, rounds }: Rounds,
  progress: (done: number, of: number) => void = () => undefined,
): Promise<Times<K>> {
  const entries = Object.entries(ways) as [K, () => Promise<number>][];
  const times = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    progress(round, warmUp + rounds);
    const first = round % entries.length;
    for (const [name, measured] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const time = await measured();
      if (round >= warmUp) times[name].push(time);
    }
  }
  return times;
}

/** Returns the ratio of two ways: the median of the rounds' own ratios, with the 10th and the 90th percentile. */
export function ratio(
  { id, heading, goal }: { readonly id: string; readonly heading: string; readonly goal?: Goal },
  dividends: readonly number[],
  divisors: readonly number[],
): Ratio {
  const each = dividends.map((dividend, round) => dividend / (divisors[round] ?? Number.NaN));
  const spread = { median: percentile(each, 50), low: percentile(each, 10), high: percentile(each, 90) };
  return { id, heading, ...spread, ...(goal === undefined ? {} : { goal }) };
}

/** Returns a percentile by the nearest rank, `NaN` of no values. */
export function percentile(values: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * values.length));
  return values.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
}
