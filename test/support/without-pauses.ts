import { beforeEach, jest } from '@jest/globals';
import timers from 'node:timers/promises';

/** Backoffs are shorter. Latencies of stand-ins that never respond are longer, and stay. */
const PAUSE_MS = 1_000;
const { setTimeout: wait } = timers;

/** Lets each pause between two attempts of the code under test end at once. Suites about outages consist of pauses. */
export function withoutPauses(): void {
  beforeEach(() => {
    jest
      .spyOn(timers, 'setTimeout')
      .mockImplementation((ms = 0, value, options) => wait(ms < PAUSE_MS ? 0 : ms, value, options));
  });
}
