import { describe, expect, test } from '@jest/globals';
import { MARGIN, QUICK_MARGIN, compareWithCommitted } from '../../bench/harness/guard';
import type { Results } from '../../bench/harness/results';
import type { Goal, Ratio } from '../../bench/harness/table';

const MACHINE = { processor: 'p', cores: 2, node: '24', load: { start: 0, end: 0 }, date: '2026-12-01' };

function ratioOf(id: string, median: number, goal?: Goal): Ratio {
  return { id, heading: id, median, low: median, high: median, ...(goal === undefined ? {} : { goal }) };
}

function committed(...ratios: readonly Ratio[]): Results {
  return { message: { machine: MACHINE, ratios } };
}

function worseIds(measured: readonly Ratio[], results: Results, quick = false): readonly string[] {
  return compareWithCommitted('message', measured, results, { quick }).worse.map(({ id }) => id);
}

describe('the guard', () => {
  const floor = ratioOf('message/floor', 1.2, { atMost: 1.4 });
  const esdk = ratioOf('message/esdk', 30, { atLeast: 25 });

  test('passes ratios that are equal, better, or worse within the margin', () => {
    const results = committed(floor, esdk);

    expect(worseIds([floor, esdk], results)).toEqual([]);
    expect(
      worseIds(
        [
          { ...floor, median: 0.5 },
          { ...esdk, median: 90 },
        ],
        results,
      ),
    ).toEqual([]);
    expect(worseIds([{ ...floor, median: 1.2 * (1 + MARGIN) }, { ...esdk, median: 30 / (1 + MARGIN) }], results)).toEqual([]); // prettier-ignore
  });

  test('names a ratio that grew beyond the margin of a goal at most', () => {
    expect(worseIds([{ ...floor, median: 1.2 * (1.01 + MARGIN) }, esdk], committed(floor, esdk))).toEqual([floor.id]);
  });

  test('names a ratio that fell beyond the margin of a goal at least', () => {
    expect(worseIds([floor, { ...esdk, median: 30 / (1.01 + MARGIN) }], committed(floor, esdk))).toEqual([esdk.id]);
  });

  test('names a ratio that is no number', () => {
    expect(worseIds([{ ...floor, median: Number.NaN }], committed(floor))).toEqual([floor.id]);
  });

  test('names a committed ratio that is no longer measured, but not in a quick run', () => {
    expect(worseIds([], committed(floor))).toEqual([floor.id]);
    expect(worseIds([], committed(floor), true)).toEqual([]);
  });

  test('has a wider margin in a quick run', () => {
    const measured = [{ ...floor, median: 1.2 * (1.01 + MARGIN) }];

    expect(worseIds(measured, committed(floor), true)).toEqual([]);
    expect(worseIds([{ ...floor, median: 1.2 * (1.01 + QUICK_MARGIN) }], committed(floor), true)).toEqual([floor.id]);
  });

  test('compares no ratio without a goal, and says how many it compared', () => {
    const jose = ratioOf('message/jose', 5);

    expect(compareWithCommitted('message', [floor, { ...jose, median: 99 }], committed(floor, jose), { quick: false })).toEqual({ compared: 1, worse: [] }); // prettier-ignore
    expect(compareWithCommitted('unseal', [], committed(floor), { quick: false })).toEqual({ compared: 0, worse: [] });
  });
});
