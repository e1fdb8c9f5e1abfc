import { type Rounds, type Times, takeTurns } from '../harness/measure';
import type { RunningWays, Way } from './ways';

/** What each way took, one value a round, in milliseconds. */
export interface Measured {
  /** on the clock */
  readonly ms: Partial<Times<Way>>;
  /** of the processor, all threads of the way's process */
  readonly cpuMs: Partial<Times<Way>>;
}

/** Calls the ways in turn. The making of an event is not timed. */
export async function measure(
  ways: RunningWays,
  counts: Rounds,
  progress: (done: number, of: number) => void,
): Promise<Measured> {
  const cpuMs: Partial<Record<Way, number[]>> = {};
  const calls = Object.entries(ways).map(([name, way]) => {
    const times: number[] = (cpuMs[name as Way] = []);
    const call = async (): Promise<number> => {
      const taken = await way.process.call(await way.next());
      way.check?.(taken.response);
      times.push(taken.cpuMs);
      return taken.ms;
    };
    return [name, call] as const;
  });
  const ms = await takeTurns(Object.fromEntries(calls), counts, progress);
  for (const times of Object.values(cpuMs)) times.splice(0, counts.warmUp);
  return { ms, cpuMs };
}
