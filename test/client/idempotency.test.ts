import { describe, expect, test } from '@jest/globals';
import { sealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const KEY = 'job-0000000000000001';
const ids = () => vault.functions.arrived.map(({ jti }) => jti);

describe('a seal with an idempotency key', () => {
  test('that a new client repeats after a lost response returns the record of the first', async () => {
    const input = sealInput();
    vault.troubles.push({ drop: 'after' });
    const lost = vault.client({ attempts: 1 }).seal(input, { idempotencyKey: KEY });
    await expect(lost).rejects.toThrowWithCode('TransportFailed');

    const { recordId } = await vault.client().seal(input, { idempotencyKey: KEY });

    expect((await client.records(input)).records).toMatchObject([{ recordId }]);
    expect(vault.functions.ledgerOf(input.walletId).entries).toHaveLength(1);
  });

  test('has the same transport ids each time, another for each material, and the key in none', async () => {
    const input = sealInput();

    await client.seal(input, { idempotencyKey: KEY });
    await client.seal(input, { idempotencyKey: KEY });

    const [share, apiKey, ...again] = ids();
    expect(again).toEqual([share, apiKey]);
    expect(share).not.toBe(apiKey);
    expect(share).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(vault.calls.some(({ payload }) => payload.includes(KEY))).toBe(false);
  });

  test('is another seal with another key', async () => {
    const input = sealInput();
    await client.seal(input, { idempotencyKey: KEY });

    const second = client.seal(input, { idempotencyKey: KEY.replace('1', '2') });

    await expect(second).rejects.toThrowWithCode('Conflict');
  });

  test.each(['delegatedShare', 'walletApiKey'] as const)(
    'of another %s is refused, and does not return the record of the first',
    async (name) => {
      const input = sealInput();
      await client.seal(input, { idempotencyKey: KEY });
      const other = { ...input, materials: { ...input.materials, [name]: Buffer.alloc(64, 7) } };

      await expect(client.seal(other, { idempotencyKey: KEY })).rejects.toThrowWithCode('Conflict');
    },
  );

  test('is another seal for another wallet, chain or user', async () => {
    const input = sealInput();
    for (const changes of [
      {},
      { chain: 'SVM' },
      { walletId: `${input.walletId}-2` },
      { userId: 'user-2', walletId: 'w' },
    ]) {
      await client.seal({ ...input, ...changes }, { idempotencyKey: KEY });
    }

    expect(new Set(ids()).size).toBe(8);
  });

  test('repeats a batch with its records', async () => {
    const inputs = [sealInput(), sealInput()];

    const first = await client.sealMany(inputs, { idempotencyKey: KEY });
    const second = await vault.client().sealMany(inputs, { idempotencyKey: KEY });

    expect(first).toMatchObject([{ ok: true }, { ok: true }]);
    expect(second).toEqual(first);
  });

  test.each([
    ['too short', 'a'.repeat(15)],
    ['too long', 'a'.repeat(65)],
    ['of other characters', 'job 0000000000000001'],
    ['a number', 7],
    ['null', null],
  ])('that is %s is refused before anything is sent', async (_what, key) => {
    const options = { idempotencyKey: key as string };

    for (const refused of [client.seal(sealInput(), options), client.sealMany([sealInput()], options)]) {
      await expect(refused).rejects.toThrow(TypeError);
      await expect(refused).rejects.toThrow('idempotencyKey: expected 16 to 64 characters of base64url');
    }
    expect(vault.calls).toEqual([]);
  });
});
