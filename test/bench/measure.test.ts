import { describe, expect, test } from '@jest/globals';
import { percentile, ratio, takeTurns } from '../../bench/harness/measure';
import { reaches } from '../../bench/harness/table';

describe('a percentile', () => {
  test.each([
    [50, 3],
    [10, 1],
    [90, 5],
    [100, 5],
    [0, 1],
  ])('of %d percent is the value of the nearest rank', (percent, expected) => {
    expect(percentile([5, 1, 4, 2, 3], percent)).toBe(expected);
  });

  test('of no values is no number', () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('a ratio', () => {
  const named = { id: 'a/b', heading: 'a / b' };

  test('is the median of the ratios of each round, and not the ratio of the medians', () => {
    // the last round was ten times as slow for both
    const { median, low, high } = ratio(named, [2, 6, 40], [1, 2, 10]);

    expect([median, low, high]).toEqual([3, 2, 4]);
  });

  test('reaches a goal at its very value, and not beyond it', () => {
    const of = (dividend: number, goal: { atMost: number } | { atLeast: number }) =>
      reaches(ratio({ ...named, goal }, [dividend], [1]));

    expect([of(1.4, { atMost: 1.4 }), of(1.41, { atMost: 1.4 })]).toEqual([true, false]);
    expect([of(25, { atLeast: 25 }), of(24.9, { atLeast: 25 })]).toEqual([true, false]);
  });

  test('of a round that lacks its other half is no number', () => {
    expect(ratio(named, [1], []).median).toBeNaN();
  });
});

test('ways take turns, each goes first in turn, and rounds of the warm-up do not count', async () => {
  const calls: string[] = [];
  const way = (name: string) => async () => calls.push(name);
  const times = await takeTurns({ a: way('a'), b: way('b') }, { warmUp: 1, rounds: 2 });

  expect(calls.join('')).toBe('abbaab');
  expect(times).toEqual({ a: [4, 5], b: [3, 6] });
});
