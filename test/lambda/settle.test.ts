import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { allSettled } from '../../lambda/settle';

describe('allSettled', () => {
  test('gives the values in order', async () => {
    expect(await allSettled([setTimeout(5, 'one'), Promise.resolve('two')])).toEqual(['one', 'two']);
  });

  test('throws the failure only after the others have ended', async () => {
    let ended = false;
    const slow = setTimeout(20).then(() => (ended = true));

    await expect(allSettled([Promise.reject(new Error('first')), slow])).rejects.toThrow('first');
    expect(ended).toBe(true);
  });
});
