import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { waitForAll, eachInTurn } from '../../../lambda/invocation/settle';

describe('waitForAll', () => {
  test('returns the values in order', async () => {
    expect(await waitForAll([setTimeout(5, 'one'), Promise.resolve('two')])).toEqual(['one', 'two']);
  });

  test('throws the failure only after the others have ended', async () => {
    let ended = false;
    const slow = setTimeout(20).then(() => (ended = true));

    await expect(waitForAll([Promise.reject(new Error('first')), slow])).rejects.toThrow('first');
    expect(ended).toBe(true);
  });
});

describe('eachInTurn', () => {
  test('starts one after the other has ended, and returns the values in order', async () => {
    const seen: string[] = [];
    const act = async (name: string) => {
      seen.push(`${name} starts`);
      await setTimeout(2);
      seen.push(`${name} ends`);
      return name;
    };

    expect(await eachInTurn(['a', 'b'], act)).toEqual(['a', 'b']);
    expect(seen).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });

  test('acts on the others if one fails, and throws the first failure', async () => {
    const seen: string[] = [];
    const act = (name: string) => (seen.push(name), Promise.reject(new Error(name)));

    await expect(eachInTurn(['a', 'b'], act)).rejects.toThrow('a');
    expect(seen).toEqual(['a', 'b']);
  });
});
