import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { SealInput } from '../../client/index';
import { Fault } from './support/fault';
import { REASON, sealInput, serverKeySharesInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

interface Sent {
  readonly items: readonly { readonly walletId: string; readonly materials: Readonly<Record<string, string>> }[];
}
const sent = () => vault.calls.map(({ payload }) => JSON.parse(payload) as Sent);

function sharesInput(changes: Partial<SealInput> = {}): SealInput {
  const { walletId, serverKeyShares } = serverKeySharesInput();
  return { kind: 'server-key-shares', walletId, chain: 'EVM', materials: { serverKeyShares }, ...changes } as SealInput;
}

describe('sealMany', () => {
  test('seals records of both kinds in one call, in order', async () => {
    const [delegated, shares] = [sealInput(), sharesInput()];

    const results = await client.sealMany([delegated, shares]);

    expect(results).toEqual([
      { ok: true, value: expect.objectContaining({ recordId: expect.stringMatching(/^[0-9a-f-]{36}$/) }) },
      { ok: true, value: expect.objectContaining({ recordId: expect.stringMatching(/^[0-9a-f-]{36}$/) }) },
    ]);
    expect(vault.calls).toMatchObject([{ functionName: 'vault-seal', qualifier: 'signer' }]);
    expect(sent()[0]?.items.map(({ walletId }) => walletId)).toEqual([delegated.walletId, shares.walletId]);
    using record = await client.unseal(unsealInput(delegated));
    expect(Buffer.from(record.delegatedShare).equals(delegated.materials.delegatedShare)).toBe(true);
  });

  test('has read the materials when it returns its promise, so that its caller can wipe them at once', async () => {
    const inputs = [sealInput(), sealInput()];
    const shares = inputs.map(({ materials }) => Buffer.from(materials.delegatedShare));

    const sealed = client.sealMany(inputs);
    for (const { materials } of inputs) materials.delegatedShare.fill(0);
    await sealed;

    for (const [at, input] of inputs.entries()) {
      using record = await client.unseal(unsealInput(input));
      expect(shares[at]?.equals(record.delegatedShare)).toBe(true);
    }
  });

  test('returns an empty list for an empty one, without a call', async () => {
    expect(await client.sealMany([])).toEqual([]);
    expect(vault.calls).toEqual([]);
  });

  test('seals 100 records at most', async () => {
    const inputs = Array.from({ length: 100 }, () => sharesInput());

    const results = await client.sealMany(inputs);

    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(sent().map(({ items }) => items.length)).toEqual([100]);
    const more = client.sealMany([...inputs, sharesInput()]);
    await expect(more).rejects.toThrow('arguments of sealMany: expected a list of at most 100 items');
    await expect(more).rejects.toThrow(TypeError);
    expect(vault.calls).toHaveLength(1);
  });

  test.each([undefined, null, 'records', { length: 1 }])('refuses %p in the place of a list', async (items) => {
    await expect(client.sealMany(items as never)).rejects.toThrow(TypeError);
    expect(vault.calls).toEqual([]);
  });

  test('splits records that exceed the 6 MB of a call', async () => {
    const materials = () => ({ delegatedShare: randomBytes(65_536), walletApiKey: randomBytes(65_536) });
    const inputs = Array.from({ length: 40 }, () => sealInput({ materials: materials() }));

    const results = await client.sealMany(inputs);

    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(vault.calls).toHaveLength(2);
    expect(vault.calls.map(({ payload }) => Buffer.byteLength(payload) <= 6_291_456)).toEqual([true, true]);
    expect(
      sent()
        .flatMap(({ items }) => items.map(({ walletId }) => walletId))
        .sort(),
    ).toEqual(inputs.map(({ walletId }) => walletId).sort());
  });
});

describe('an item of sealMany', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'with a material that is a string',
      sealInput({ materials: { delegatedShare: 'x', walletApiKey: 'y' } as never }),
      /got a string/,
    ],
    ['without an id', sealInput({ walletId: '' }), /^arguments of seal: walletId: expected 1 to 255/],
    [
      'with the materials of the other kind',
      { ...sealInput(), kind: 'server-key-shares' },
      /expected only serverKeyShares/,
    ],
    ['that is null', null, /./],
  ])('%s fails without the others, and is not sent', async (_what, bad, message) => {
    const good = sealInput();

    const results = await client.sealMany([bad as SealInput, good]);

    expect(results).toEqual([{ ok: false, error: expect.any(TypeError) }, expect.objectContaining({ ok: true })]);
    expect(String(results[0]?.ok === false && (results[0].error as Error).message)).toMatch(message);
    expect(sent()[0]?.items.map(({ walletId }) => walletId)).toEqual([good.walletId]);
  });

  test('that has a length which no material has fails with a RangeError', async () => {
    const materials = { delegatedShare: new Uint8Array(65_537), walletApiKey: new Uint8Array(1) };

    expect(await client.sealMany([sealInput({ materials })])).toEqual([{ ok: false, error: expect.any(RangeError) }]);
    expect(vault.calls).toEqual([]);
  });

  test('that has a duplicate fails with it, without the others', async () => {
    const [first, other] = [sealInput(), sealInput()];

    const results = await client.sealMany([first, other, sealInput({ walletId: first.walletId })]);

    const duplicate = {
      ok: false,
      error: new TypeError('expected each wallet and chain once for a kind, got a duplicate'),
    };
    expect(results).toEqual([duplicate, expect.objectContaining({ ok: true }), duplicate]);
    expect(sent()[0]?.items.map(({ walletId }) => walletId)).toEqual([other.walletId]);
  });

  test('of another kind or another chain of the same wallet is no duplicate', async () => {
    const first = sealInput();
    const { walletId } = first;

    const results = await client.sealMany([first, sharesInput({ walletId }), sealInput({ walletId, chain: 'SVM' })]);

    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  test('that the vault refuses fails with its code, without the others', async () => {
    const [taken, free] = [sealInput(), sealInput()];
    await client.seal(taken);

    const results = await client.sealMany([taken, free]);

    expect(results).toMatchObject([
      { ok: false, error: { code: 'Conflict', retryable: false, requestId: expect.any(String) } },
      { ok: true },
    ]);
    expect(vault.calls).toHaveLength(2);
  });

  test('that the vault refuses with an unknown code fails without the others', async () => {
    const item = { code: 'NewCode', message: 'expected something new' };
    vault.troubles.push({ response: ({ items }) => ({ items: [item, ...(items as unknown[]).slice(1)] }) });

    const results = await client.sealMany([sealInput(), sealInput()]);

    expect(results).toMatchObject([{ ok: false, error: { code: 'UnknownError' } }, { ok: true }]);
  });

  test('that may succeed later is sent again with the same bytes, and the others are not', async () => {
    const inputs = [sealInput(), sealInput()];
    const busy = { code: 'KeyThrottled', message: 'expected fewer calls' };
    vault.troubles.push({ response: ({ items }) => ({ items: [(items as unknown[])[0], busy] }) });

    const results = await client.sealMany(inputs);

    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(sent().map(({ items }) => items.length)).toEqual([2, 1]);
    expect(sent()[1]?.items[0]).toEqual(sent()[0]?.items[1]);
  });

  test('that may succeed later fails after the last attempt', async () => {
    const busy = { items: [{ code: 'KeyThrottled', message: 'expected fewer calls' }] };
    vault.troubles.push(...Array.from({ length: 4 }, () => ({ response: () => busy })));

    const results = await client.sealMany([sealInput()]);

    expect(results).toMatchObject([{ ok: false, error: { code: 'KeyThrottled', retryable: true } }]);
    expect(vault.calls).toHaveLength(4);
  });

  test('whose response is odd fails without the others', async () => {
    vault.troubles.push({ response: ({ items }) => ({ items: [{ recordId: 'record' }, (items as unknown[])[1]] }) });

    const results = await client.sealMany([sealInput(), sealInput()]);

    expect(results).toMatchObject([{ ok: false, error: { code: 'ResponseRejected' } }, { ok: true }]);
  });
});

describe('a call of sealMany', () => {
  test('whose response is lost is sent again with the same bytes, and ends in the same records', async () => {
    const inputs = [sealInput(), sealInput()];
    vault.troubles.push({ drop: 'after' });

    const results = await client.sealMany(inputs);

    expect(vault.calls[1]?.payload).toBe(vault.calls[0]?.payload);
    for (const [at, input] of inputs.entries()) {
      const [record] = (await client.records(input)).records;
      expect(results[at]).toMatchObject({ ok: true, value: { recordId: record?.recordId } });
      expect(vault.functions.ledgerOf(input.walletId).entries).toHaveLength(1);
    }
  });

  test.each<[string, (items: readonly unknown[]) => unknown]>([
    ['an item too few', (items) => ({ items: items.slice(1) })],
    ['an item too many', (items) => ({ items: [...items, items[0]] })],
    ['no list', () => ({ items: {} })],
    ['nothing', () => 'null'],
  ])('whose response has %s is the failure of each item', async (_what, response) => {
    vault.troubles.push({ response: ({ items }) => response(items as unknown[]) });

    const results = await client.sealMany([sealInput(), sealInput()]);

    expect(results).toMatchObject([
      { ok: false, error: { code: 'ResponseRejected', requestId: expect.any(String) } },
      { ok: false, error: { code: 'ResponseRejected' } },
    ]);
    expect(vault.calls).toHaveLength(1);
  });

  test('that fails as a whole is the failure of each item, after as many attempts as of a single seal', async () => {
    vault.troubles.push(
      ...Array.from({ length: 8 }, () => ({ fault: new Fault('StoreUnavailable', 'expected a store') })),
    );

    const results = await client.sealMany([sealInput(), sealInput()]);

    expect(results).toMatchObject([
      { ok: false, error: { code: 'StoreUnavailable' } },
      { ok: false, error: { code: 'StoreUnavailable' } },
    ]);
    expect(vault.calls).toHaveLength(4);
  });

  test('that fails as a whole after some items were sealed leaves those their outcome', async () => {
    const busy = { code: 'KeyThrottled', message: 'expected fewer calls' };
    const once = vault.client({ attempts: 2 });
    vault.troubles.push({ response: ({ items }) => ({ items: [(items as unknown[])[0], busy] }) });
    vault.troubles.push({ fault: new Fault('Misconfigured', 'expected variables') });

    const results = await once.sealMany([sealInput(), sealInput()]);

    expect(results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'Misconfigured' } }]);
  });

  test('that is aborted fails its items with the reason', async () => {
    const reason = new Error('no longer needed');

    const results = await client.sealMany([sealInput(), sealInput()], { signal: AbortSignal.abort(reason) });

    expect(results).toEqual([
      { ok: false, error: reason },
      { ok: false, error: reason },
    ]);
    expect(vault.calls).toEqual([]);
  });
});

test('what sealMany sealed is what unsealMany opens', async () => {
  const inputs = [sealInput(), sharesInput()];
  await client.sealMany(inputs);
  const items = inputs.map(({ kind, walletId, chain }) => ({ kind, walletId, chain }));

  using batch = await client.unsealMany(items, { reason: REASON });

  const [first, second] = batch.results.map((result) => (result.ok ? result.value : undefined));
  expect(inputs[0]).toMatchObject({ materials: { delegatedShare: Buffer.from(first?.delegatedShare ?? []) } });
  expect(inputs[1]).toMatchObject({ materials: { serverKeyShares: Buffer.from(second?.serverKeyShares ?? []) } });
});
