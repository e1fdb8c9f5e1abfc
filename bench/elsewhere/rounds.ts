import { median } from '../median';

/** What one call took, in milliseconds: on the clock, and of this process's processor time, which other processes hardly affect. */
export interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Calls that took turns: one of each a round. */
export type Rounds<K extends string> = readonly Readonly<Record<K, Taken>>[];

/** Makes the calls in turn, each round another one first, and returns what those after the warm-up took. */
export async function takeTurns<K extends string>(
  calls: Readonly<Record<K, () => Promise<unknown>>>,
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: number },
): Promise<Rounds<K>> {
  const names = Object.keys(calls) as K[];
  const all: Record<K, Taken>[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const first = (round + warmUp) % names.length;
    const taken: Partial<Record<K, Taken>> = {};
    for (const name of [...names.slice(first), ...names.slice(0, first)]) taken[name] = await take(calls[name]);
    if (round >= 0) all.push(taken as Record<K, Taken>);
  }
  return all;
}

async function take(call: () => Promise<unknown>): Promise<Taken> {
  const before = process.cpuUsage();
  const started = performance.now();
  await call();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1_000 };
}

/** A median with its quartiles, and the value that a tenth of the rounds is below. */
export interface Spread {
  readonly quiet: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the spread of a value over rounds. The machine's load cancels out of a ratio or a difference within one round. */
export function spreadOf<R>(rounds: readonly R[], value: (round: R) => number): Spread {
  const values = rounds.map(value).sort((a, b) => a - b);
  const at = (share: number): number => values[Math.floor(values.length * share)] ?? Number.NaN;
  return { quiet: at(0.1), median: median(values), low: at(0.25), high: at(0.75) };
}
