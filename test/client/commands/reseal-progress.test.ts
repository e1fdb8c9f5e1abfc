import { beforeEach, describe, expect, test } from '@jest/globals';
import { CommandFailure } from '../../../client/commands/command';
import { lineOf, spanText } from '../../../client/commands/rotation/progress';
import { type Ask, ProgressReader } from '../../../client/commands/rotation/progress-reader';
import { groupOf, runTo } from './support/rotation-account';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/present';
const FORMER = 'arn:aws:kms:eu-central-1:111122223333:key/former';

const counted = { reseals: 0, census: 0 };
let now = 0;
let [resealed, left] = [0, 0];
/** A vault with a run whose counts are as the test says. */
const ask: Ask = (use) =>
  use({
    reseals: async () => {
      counted.reseals += 1;
      return [runTo(KEY, { run: 'run-2', resealed })];
    },
    census: async () => {
      counted.census += 1;
      return { groups: [groupOf(KEY, 5), groupOf(FORMER, left)] };
    },
  });
const refuseNotes = (reason: string): void => {
  throw new Error(reason);
};

beforeEach(() => {
  Object.assign(counted, { reseals: 0, census: 0 });
  now = Date.now();
  [resealed, left] = [100, 1_000];
});

describe('a watched run', () => {
  test('is counted once, and what was resealed since is subtracted', async () => {
    const reader = new ProgressReader(ask, () => now);
    await reader.read('run-2', true, refuseNotes);
    now += 2_000;
    resealed = 130;

    const progress = await reader.read('run-2', true, refuseNotes);

    expect(progress).toEqual({ resealed: 130, failed: 0, left: 970, rate: 15, secondsLeft: 65 });
    expect(counted.census).toBe(1);
  });

  test('is counted again after a minute', async () => {
    const reader = new ProgressReader(ask, () => now);
    await reader.read('run-2', true, refuseNotes);
    for (let look = 1; look < 30; look += 1) {
      now += 2_000;
      await reader.read('run-2', true, refuseNotes);
    }
    expect(counted.census).toBe(1);
    now += 2_000;
    left = 400;

    expect(await reader.read('run-2', true, refuseNotes)).toMatchObject({ left: 400 });
    expect(counted.census).toBe(2);
  });

  test('is counted again when it has ended', async () => {
    const reader = new ProgressReader(ask, () => now);
    await reader.read('run-2', true, refuseNotes);
    [resealed, left] = [1_100, 3];

    expect(await reader.read('run-2', false, refuseNotes)).toMatchObject({ resealed: 1_100, left: 3 });
  });

  test('never has fewer than no records left', async () => {
    const reader = new ProgressReader(ask, () => now);
    await reader.read('run-2', true, refuseNotes);
    resealed = 2_000;

    expect(await reader.read('run-2', true, refuseNotes)).toMatchObject({ left: 0 });
  });

  test('is not counted before its first step', async () => {
    const reader = new ProgressReader(ask, () => now);

    expect(await reader.read('run-3', true, refuseNotes)).toBeUndefined();
    expect(counted.census).toBe(0);
  });

  test('subtracts nothing that was resealed while the census was taken', async () => {
    const reader = new ProgressReader(async (use) => {
      const counts = await ask(async (vault) => vault);
      const census = async () => {
        const response = await counts.census();
        // the page that ends now is not in the census
        resealed = 150;
        return response;
      };
      return use({ ...counts, census });
    }, () => now); // prettier-ignore

    expect(await reader.read('run-2', true, refuseNotes)).toMatchObject({ resealed: 150, left: 1_000 });
  });

  test('says a reason again only if it was counted in between', async () => {
    let isFailing = true;
    const reader = new ProgressReader((use) => {
      if (isFailing) throw new CommandFailure('expected a vault (request 1)', { exit: 7 });
      return ask(use);
    }, () => now); // prettier-ignore
    const notes: string[] = [];
    const look = (failing: boolean) => {
      isFailing = failing;
      return reader.read('run-2', true, (reason) => notes.push(reason));
    };

    for (const failing of [true, true, false, true]) await look(failing);

    expect(notes).toHaveLength(2);
  });
});

describe('a line of a watched run', () => {
  const most = 10_000_000;

  test.each([
    ['RUNNING', 999.94, 300_000],
    ['RUNNING', 9_999.5, 86_400 * 300],
    ['PENDING_REDRIVE', 1_234.5, 300_000],
    ['TIMED_OUT', 99.96, 1],
  ])('has at most 80 columns: %s with %d records a second', (status, rate, secondsLeft) => {
    const line = lineOf(status, { resealed: most, failed: most, left: most, rate, secondsLeft });

    expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [59, '59 s'],
    [89, '1 min'],
    [7_500, '2 h 5 min'],
    [359_940, '99 h 59 min'],
    [360_000, '4 d'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(spanText(seconds)).toBe(text);
  });
});
