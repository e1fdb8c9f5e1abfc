import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import type { UnsealItemInput, UnsealedRecord } from '../../client/index';
import { shapesOf } from '../support/scan';
import { REASON, sealInput, serverKeySharesInput } from './support/inputs';
import { toRecipient } from './support/jwe';
import { client, useFakeVault, vault } from './support/use-fake-vault';

/** Every decrypted plaintext. */
const decrypted: Uint8Array[] = [];
const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
jest.spyOn(crypto.subtle, 'decrypt').mockImplementation(async (...args) => {
  const plaintext = await decrypt(...args);
  decrypted.push(new Uint8Array(plaintext));
  return plaintext;
});

useFakeVault();

const share = sealInput();
const shares = serverKeySharesInput();
const [SHARE, SHARES]: readonly UnsealItemInput[] = [
  { kind: 'delegated-share', walletId: share.walletId, chain: 'EVM' },
  { kind: 'server-key-shares', walletId: shares.walletId, chain: 'EVM' },
] as const;
const NONE: UnsealItemInput = { kind: 'delegated-share', walletId: 'unknown', chain: 'EVM' };

beforeAll(async () => {
  await client.seal(share);
  await client.sealServerKeyShares(shares);
});
afterEach(() => {
  vault.requests.fitting = 100;
  vault.functions.write = toRecipient;
  decrypted.length = 0;
});

interface Sent {
  readonly items: readonly unknown[];
  readonly req: string;
  readonly recipient: object;
}
const sent = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Sent);
const opened = (items: readonly UnsealItemInput[]) => client.unsealMany(items, { reason: REASON });
const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

describe('unsealMany', () => {
  test('opens records of both kinds in one call, in order', async () => {
    await using batch = await opened([SHARES, SHARE]);

    const [first, second] = [...batch];
    expect(first?.ok === true && Buffer.from(first.value.serverKeyShares).equals(shares.serverKeyShares)).toBe(true);
    expect(second?.ok === true && Buffer.from(second.value.delegatedShare).equals(share.materials.delegatedShare)).toBe(true); // prettier-ignore
    expect(vault.calls).toMatchObject([{ functionName: 'vault-unseal', qualifier: 'signer' }]);
    expect(sent()[0]).toStrictEqual({
      items: [SHARES, SHARE],
      reason: REASON,
      req: expect.stringMatching(/^[A-Za-z0-9_-]{21}[AQgw]$/),
      recipient: { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) },
    });
  });

  test('wipes the materials of all records at the end of the block that uses its result', async () => {
    const records: UnsealedRecord[] = [];
    {
      using batch = await opened([SHARE, NONE, SHARES]);
      records.push(...batch.results.flatMap((result) => (result.ok ? [result.value] : [])));
      expect(decrypted.some(isBlank)).toBe(false);
    }

    expect(decrypted).toHaveLength(3);
    expect(decrypted.every(isBlank)).toBe(true);
    expect(records).toHaveLength(2);
    expect(() => records[0]?.delegatedShare).toThrow(ReferenceError);
  });

  test('wipes them at the end of a block that uses its result asynchronously, and when it is disposed again', async () => {
    const batch = await opened([SHARE, SHARES]);
    {
      await using used = batch;
      expect(used.results).toHaveLength(2);
    }
    batch.dispose();

    expect(decrypted).toHaveLength(3);
    expect(decrypted.every(isBlank)).toBe(true);
  });

  test.each<[string, (batch: object) => string]>([
    ['as JSON', (batch) => JSON.stringify(batch)],
    ['inspected', (batch) => inspect(batch, { depth: 10, showHidden: true, getters: true })],
  ])('shows no byte of a material, %s', async (_how, show) => {
    using batch = await opened([SHARE, SHARES]);

    const shown = Buffer.from(show(batch));

    expect(shown.includes('server-key-shares')).toBe(true);
    expect(decrypted.flatMap(shapesOf).filter((shape) => shown.includes(shape))).toEqual([]);
  });

  test('returns an empty batch for an empty list, without a call', async () => {
    using batch = await opened([]);

    expect(batch.results).toEqual([]);
    expect(vault.calls).toEqual([]);
  });

  test.each([
    ['more than 100 records', new Array(101).fill(SHARE), REASON, 'expected a list of at most 100 items'],
    ['no list', undefined, REASON, 'expected a list of at most 100 items'],
    ['no reason', [SHARE], undefined, 'arguments of unsealMany: reason: expected a value, got none'],
    ['a reason of two lines', [SHARE], 'one\ntwo', 'reason: expected 1 to 200 characters'],
  ])('refuses %s before it asks', async (_what, items, reason, message) => {
    const refused = client.unsealMany(items as UnsealItemInput[], { reason } as never);

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test('asks again for records that did not fit the response, with another key and another req', async () => {
    vault.requests.fitting = 1;

    using batch = await opened([SHARE, NONE, SHARES]);

    expect(batch.results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'NotFound' } }, { ok: true }]);
    expect(sent().map(({ items }) => items)).toEqual([[SHARE, NONE, SHARES], [NONE, SHARES], [SHARES]]);
    expect(new Set(sent().map(({ req }) => req)).size).toBe(3);
    expect(new Set(sent().map(({ recipient }) => JSON.stringify(recipient))).size).toBe(3);
  });

  test('does not ask for ever for records that fit no response', async () => {
    vault.requests.fitting = 0;

    using batch = await opened([SHARE, SHARES]);

    expect(batch.results).toMatchObject([
      { ok: false, error: { code: 'BatchTooLarge' } },
      { ok: false, error: { code: 'BatchTooLarge' } },
    ]);
    expect(vault.calls).toHaveLength(1);
  });

  test('asks again only for records that may be opened later', async () => {
    const busy = { code: 'KeyThrottled', message: 'expected fewer calls' };
    vault.troubles.push({ response: ({ items }) => ({ items: [(items as unknown[])[0], busy] }) });

    using batch = await opened([SHARE, SHARES]);

    expect(batch.results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(sent().map(({ items }) => items)).toEqual([[SHARE, SHARES], [SHARES]]);
  });

  test('keeps the records of an earlier response if a later call fails', async () => {
    vault.requests.fitting = 1;
    vault.troubles.push({ response: (honest) => honest });
    vault.troubles.push({ reply: { status: 403, body: '{}', errorType: 'AccessDeniedException' } });

    using batch = await opened([SHARE, SHARES]);

    expect(batch.results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'InvokeRefused' } }]);
  });

  test('that is aborted fails its items with the reason', async () => {
    const reason = new Error('no longer needed');

    using batch = await client.unsealMany([SHARE], { reason: REASON, signal: AbortSignal.abort(reason) });

    expect(batch.results).toEqual([{ ok: false, error: reason }]);
    expect(vault.calls).toEqual([]);
  });
});

describe('an item of unsealMany', () => {
  test.each<[string, unknown, string]>([
    ['of an unknown kind', { ...SHARE, kind: 'share' }, 'kind: expected delegated-share or server-key-shares'],
    ['without a chain', { ...SHARE, chain: undefined }, 'chain: expected a value, got none'],
    ['with a reason of its own', { ...SHARE, reason: REASON }, 'input: got an unknown member'],
    ['that is null', null, 'input: expected an object, got null'],
  ])('%s fails without the others, and is not sent', async (_what, bad, message) => {
    using batch = await opened([bad as UnsealItemInput, SHARES]);

    expect(batch.results).toMatchObject([{ ok: false, error: expect.any(TypeError) }, { ok: true }]);
    expect(batch.results[0]?.ok === false && String(batch.results[0].error)).toContain(message);
    expect(sent().map(({ items }) => items)).toEqual([[SHARES]]);
  });

  test('that has a duplicate fails with it, without the others', async () => {
    using batch = await opened([SHARE, SHARES, SHARE]);

    expect(batch.results.map(({ ok }) => ok)).toEqual([false, true, false]);
    expect(sent().map(({ items }) => items)).toEqual([[SHARES]]);
  });

  test('that the vault does not hold fails without the others', async () => {
    using batch = await opened([NONE, SHARES]);

    expect(batch.results).toMatchObject([
      { ok: false, error: { code: 'NotFound', requestId: expect.any(String) } },
      { ok: true },
    ]);
  });

  test.each(['record', 'walletId', 'field', 'req', 'env', 'kid'])(
    'that is bound to another %s fails without the others, and leaves nothing',
    async (member) => {
      vault.functions.write = (bytes, header, to) =>
        toRecipient(bytes, header.field === 'wallet_api_key' ? { ...header, [member]: 'another' } : header, to);

      using batch = await opened([SHARE, SHARES]);

      expect(batch.results).toMatchObject([{ ok: false, error: { code: 'ResponseRejected' } }, { ok: true }]);
      // the delegated share was open before its key was refused
      expect(decrypted.map(isBlank)).toEqual([true, false]);
    },
  );

  test('in the place of another fails, and so does that', async () => {
    const third = sealInput();
    await client.seal(third);
    decrypted.length = 0;
    const other = { ...SHARE, walletId: third.walletId };
    vault.troubles.push({ response: ({ items }) => ({ items: (items as unknown[]).toReversed() }) });

    using batch = await opened([SHARE, other]);

    expect(batch.results).toMatchObject([
      { ok: false, error: { code: 'ResponseRejected' } },
      { ok: false, error: { code: 'ResponseRejected' } },
    ]);
    expect(decrypted).toHaveLength(0);
  });

  test('of another kind than was asked for fails without the others', async () => {
    vault.troubles.push({ response: ({ items }) => ({ items: [(items as unknown[])[1], (items as unknown[])[1]] }) });

    using batch = await opened([SHARE, SHARES]);

    expect(batch.results).toMatchObject([{ ok: false, error: { code: 'ResponseRejected' } }, { ok: true }]);
  });
});
