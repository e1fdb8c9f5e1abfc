import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { eachItem, inPlaces, successes } from '../../../lambda/invocation/batch';

const items = Array.from({ length: 30 }, (_, i) => i);
const refused = new VaultError('Conflict', 'expected this, got that');

describe('eachItem', () => {
  test('returns the results in the order of the items, whichever ends first', async () => {
    const results = await eachItem(items, async (item) => {
      await sleep(item % 3 === 0 ? 5 : 0);
      return item * 2;
    });

    expect(results).toEqual(items.map((item) => item * 2));
  });

  test('returns a failure in the place of its item, and acts on the others', async () => {
    const results = await eachItem(items, (item) => {
      if (item === 3) throw refused;
      return item;
    });

    expect(results[3]).toBe(refused);
    expect(successes(results)).toHaveLength(29);
  });

  test('returns an unknown error as an internal one without its message', async () => {
    const [result] = await eachItem([1], () => Promise.reject(new Error('hunter2')));

    expect(result).toMatchObject({ name: 'InternalError', message: 'unexpected failure' });
  });

  test('works on ten items at once and no more', async () => {
    let working = 0;
    let most = 0;
    await eachItem(items, async () => {
      working += 1;
      most = Math.max(most, working);
      await sleep(50);
      working -= 1;
    });

    expect(most).toBe(10);
  });

  test('starts no item before its time at 250 a second', async () => {
    const started = performance.now();
    const starts = await eachItem(items, () => performance.now() - started);

    // timers count whole milliseconds
    expect(successes(starts).every((start, i) => start > i * 4 - 2)).toBe(true);
  });

  test('returns nothing for no items', async () => {
    await expect(eachItem([], () => 1)).resolves.toEqual([]);
  });
});

describe('inPlaces', () => {
  test('puts the results of a further step beside the failures of the step before', () => {
    const later = new VaultError('Revoked', 'expected one, got another');

    expect(inPlaces([1, refused, 2, 3], ['a', later, 'c'])).toEqual(['a', refused, later, 'c']);
  });

  test('reports a missing result as an internal error', () => {
    expect(inPlaces([1, 2], ['a'])).toEqual(['a', expect.objectContaining({ name: 'InternalError' })]);
  });
});
