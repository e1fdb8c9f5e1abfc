import { describe, expect, test } from '@jest/globals';
import { type AccessLogEntry, CHAIN_START, type VerifyProgress, verifyLog } from '../../client/index';
import { asked, entriesOf, useAuditedWallet, wallet } from './support/audited-wallet';
import { sealInput, unsealInput } from './support/inputs';
import { client, vault } from './support/use-fake-vault';

const FORGED: AccessLogEntry = {
  sequence: 5,
  at: '2026-11-21T00:00:00.123Z',
  action: 'unseal',
  outcome: 'granted',
  actor: 'another',
  requestId: 'request-1',
  previousHash: CHAIN_START.hash,
  hash: CHAIN_START.hash,
};

useAuditedWallet();

describe('verifyAccessLog', () => {
  test('verifies an intact log part by part up to the head that the first part found', async () => {
    const positions = (await entriesOf(client.accessLog(wallet()))).map(({ sequence, hash }) => ({ sequence, hash }));
    vault.calls.length = 0;
    const seen: VerifyProgress[] = [];

    const verified = await client.verifyAccessLog(wallet(), { onProgress: (progress) => seen.push(progress) });

    const [, second, , fourth, head] = positions;
    expect(verified).toEqual({ intact: true, length: 5, head: head?.hash, complete: true, verifiedTo: head });
    expect(asked()).toMatchObject([
      { after: 0, hash: CHAIN_START.hash },
      { after: 2, hash: second?.hash, until: head },
      { after: 4, hash: fourth?.hash, until: head },
    ]);
    expect(seen).toEqual([2, 4, 5].map((row) => ({ verified: row, of: 5 })));
  });

  test('ends for a log that grows by as many rows as each part verifies', async () => {
    const other = sealInput();
    await client.seal(other);
    const ledger = vault.functions.ledgerOf(other.walletId);
    const grow = () => [1, 2].forEach(() => ledger.append({ action: 'unseal', outcome: 'granted', actor: 'signer', requestId: 'request' })); // prettier-ignore
    grow();
    const { length } = ledger.entries;

    const verified = await client.verifyAccessLog(
      { walletId: other.walletId, chain: 'EVM' },
      { onProgress: () => grow() },
    );

    expect(verified).toMatchObject({ intact: true, length, verifiedTo: { sequence: length } });
  });

  test('verifies from a row on, and up to a head that was kept elsewhere', async () => {
    const [, after, , until] = await entriesOf(client.accessLog(wallet()));
    vault.calls.length = 0;

    const since = await client.verifyAccessLog(wallet(), { after, until });
    const wrong = await client.verifyAccessLog(wallet(), { after: { sequence: 3, hash: after?.hash ?? '' } });

    expect(since).toMatchObject({ intact: true, length: 4, head: until?.hash });
    expect(asked()[0]).toStrictEqual({
      action: 'verify',
      ...wallet(),
      after: 2,
      hash: after?.hash,
      until: { sequence: 4, hash: until?.hash },
    });
    expect(wrong).toMatchObject({ intact: false, brokenAt: 4 });
    expect(vault.calls).toHaveLength(2);
  });

  test('reports each row at which a log is broken, in whatever part', async () => {
    const other = sealInput();
    await client.seal(other);
    for (const record of await Promise.all([1, 2, 3].map(() => client.unseal(unsealInput(other))))) record.dispose();
    const { entries } = vault.functions.ledgerOf(other.walletId);
    entries.splice(0, 4, ...entries.map((entry, i) => (i === 0 || i === 3 ? { ...entry, actor: 'another' } : entry)));

    const verified = await client.verifyAccessLog({ walletId: other.walletId, chain: 'EVM' });

    const problem = "expected the hash of the row's content, got another";
    const problems = [1, 4].map((sequence) => ({ sequence, problem }));
    expect(verified).toMatchObject({
      intact: false,
      brokenAt: 1,
      problem,
      problems,
      problemCount: 2,
      complete: true,
      length: 4,
    });
  });

  test('asks a vault of the previous release for the whole log at once', async () => {
    const other = sealInput();
    await client.seal(other);
    const ledger = vault.functions.ledgerOf(other.walletId);
    ledger.older = true;
    vault.calls.length = 0;

    const verified = await client.verifyAccessLog({ walletId: other.walletId, chain: 'EVM' });

    expect(verified).toEqual({ intact: true, length: 1, head: ledger.entries[0]?.hash });
    expect(asked().map(({ after }) => after)).toEqual([0, undefined]);
  });

  test('of a client of the previous release, which sends no row to start after, gets one complete response', async () => {
    const { walletId, chain } = wallet();

    const response = await vault.functions.audit({ action: 'verify', walletId, chain });

    expect(response).toMatchObject({ intact: true, length: 5, complete: true });
  });

  test('asks again for a part whose response is lost', async () => {
    vault.troubles.push({ response: (part) => part }, { drop: 'after' });

    expect(await client.verifyAccessLog(wallet())).toMatchObject({ intact: true, length: 5 });
    expect(vault.calls).toHaveLength(4);
  });

  test('ends with the signal between two parts', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');

    const verifying = client.verifyAccessLog(wallet(), { signal: stop.signal, onProgress: () => stop.abort(reason) });

    await expect(verifying).rejects.toBe(reason);
    expect(vault.calls).toHaveLength(1);
  });

  test.each([
    ['says neither', { length: 1, head: '00', complete: true }],
    ['says so in words', { intact: 'true', length: 1, head: '00', complete: true }],
    ['has no head', { intact: true, length: 1, complete: true }],
    ['does not say whether it is all', { intact: true, length: 1, head: '00' }],
    ['says nowhere how far it came', { intact: true, length: 1, head: '00', complete: false }],
    ['leads nowhere', { intact: true, length: 1, head: '00', complete: false, verifiedTo: { sequence: 0, hash: '' } }],
    ['has problems that are none', { intact: false, length: 1, head: '00', complete: true, problems: ['broken'] }],
  ])('refuses a response that %s', async (_what, response) => {
    vault.troubles.push({ response: () => response });

    await expect(client.verifyAccessLog(wallet())).rejects.toThrowWithCode('ResponseRejected');
  });

  test.each([
    ['ends before the head', { complete: true }],
    [
      "ends at a row of the head's number with another hash",
      { complete: true, verifiedTo: { sequence: 5, hash: '00' } },
    ],
    ['ends nowhere', { complete: true, verifiedTo: undefined }],
    ['goes on behind the head', { complete: false, verifiedTo: { sequence: 6, hash: '00' } }],
  ])('refuses an intact first part that %s', async (_what, end) => {
    vault.troubles.push({ response: (part) => ({ ...part, ...end }) });

    await expect(client.verifyAccessLog(wallet())).rejects.toThrowWithCode('ResponseRejected');
  });

  test('begins again if rows that were verified are archived between two parts, and the vault refuses to go on', async () => {
    const ledger = vault.functions.ledgerOf(wallet().walletId);
    const seen: VerifyProgress[] = [];
    const onProgress = (progress: VerifyProgress) => {
      if (seen.push(progress) === 1) ledger.archive(1, 3);
    };

    const verified = await client.verifyAccessLog(wallet(), { onProgress });
    ledger.archived = [];

    expect(verified).toMatchObject({ intact: true, length: 5, complete: true });
    expect(asked().map((request) => request.after)).toEqual([0, 2, 0]);
  });

  test('reports each problem once if it begins again, and none of rows that were archived since', async () => {
    const ledger = vault.functions.ledgerOf(wallet().walletId);
    const entries = [...ledger.entries];
    const onProgress = () => {
      if (ledger.archived.length === 0) ledger.archive(1, 3);
    };
    const verifyWith = async (change: number) => {
      const changed = { ...entries[change], actor: 'other' } as AccessLogEntry;
      ledger.entries.splice(0, entries.length, ...entries.with(change, changed));
      const verified = await client.verifyAccessLog(wallet(), { onProgress });
      ledger.archived = [];
      ledger.entries.splice(0, entries.length, ...entries);
      return verified;
    };

    expect(await verifyWith(0)).toMatchObject({ intact: true, length: 5, complete: true });
    expect(await verifyWith(3)).toMatchObject({ intact: false, problems: [{ sequence: 4 }], problemCount: 1 });
  });

  test('is refused if it has to begin after an archived row', async () => {
    const ledger = vault.functions.ledgerOf(wallet().walletId);
    const after = ledger.entries[1];
    vault.calls.length = 0;
    ledger.archive(1, 3);

    await expect(client.verifyAccessLog(wallet(), { after })).rejects.toThrowWithCode('InvalidRequest');
    ledger.archived = [];

    expect(asked()).toHaveLength(1);
  });

  test('refuses a part that was verified against another head', async () => {
    vault.troubles.push({ response: (part) => part }, { response: (part) => ({ ...part, head: CHAIN_START.hash }) });

    await expect(client.verifyAccessLog(wallet())).rejects.toThrowWithCode('ResponseRejected');
  });
});

describe('verifyLog', () => {
  test('verifies the pages that it reads, without trust in the vault', async () => {
    const until = await client.accessLogHead(wallet());
    const seen: VerifyProgress[] = [];

    const verified = await verifyLog(wallet(), client.accessLog(wallet()), { until });
    const forged = (await entriesOf(client.accessLog(wallet()))).with(4, { ...FORGED, hash: until.hash });
    const broken = await verifyLog(wallet(), forged, { until, onProgress: (progress) => seen.push(progress) });

    expect(verified).toEqual({ intact: true, verifiedTo: until, archivedRows: 0 });
    expect(broken).toMatchObject({ intact: false, brokenAt: 5, verifiedTo: until });
    expect(seen).toEqual([]);
  });

  test('reads no rows behind the head, and none if it starts there', async () => {
    const [first, second] = await entriesOf(client.accessLog(wallet()));
    vault.calls.length = 0;

    const verified = await verifyLog(wallet(), client.accessLog(wallet()), { until: first });
    const none = await verifyLog(wallet(), client.accessLog(wallet()), { after: second, until: second });

    expect([verified.intact, none.intact]).toEqual([true, true]);
    expect(vault.calls).toHaveLength(1);
  });

  test('passes over archived rows by their ends, given beside the rows or among them', async () => {
    const entries = await entriesOf(client.accessLog(wallet()));
    const ledger = vault.functions.ledgerOf(wallet().walletId);
    ledger.archive(1, 3);
    const [archived, until] = [await client.archivedLog(wallet()), await client.accessLogHead(wallet())];
    ledger.archived = [];
    const left = entries.slice(3);
    const changed = archived.map((span) => ({ ...span, hash: CHAIN_START.hash }));

    const intact = { intact: true, verifiedTo: until, archivedRows: 3 };
    expect(await verifyLog(wallet(), left, { until, archived })).toEqual(intact);
    expect(await verifyLog(wallet(), [...archived, ...left], { until })).toEqual(intact);
    expect(await verifyLog(wallet(), left, { until })).toMatchObject({ intact: false, brokenAt: 1 });
    expect(await verifyLog(wallet(), [...changed, ...left], { until })).toMatchObject({ intact: false, brokenAt: 4 });
    for (const place of [{ after: entries[1] }, { until: entries[1] }])
      await expect(verifyLog(wallet(), left, { archived, ...place })).rejects.toThrow(RangeError);
  });

  test('finds that the end is missing only with a head', async () => {
    const entries = await entriesOf(client.accessLog(wallet()));
    const until = await client.accessLogHead(wallet());

    const open = await verifyLog(wallet(), entries.slice(0, 3));
    const closed = await verifyLog(wallet(), entries.slice(0, 3), { until });

    expect(open).toMatchObject({ intact: true, verifiedTo: { sequence: 3 } });
    expect(closed).toMatchObject({ intact: false, brokenAt: 4 });
  });

  test('reports its progress every 10,000 rows, and ends with the signal', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const rows = Array.from({ length: 20_001 }, () => FORGED);
    const seen: VerifyProgress[] = [];
    const onProgress = (progress: VerifyProgress) => (seen.push(progress) === 2 ? stop.abort(reason) : undefined);

    await expect(verifyLog(wallet(), rows, { onProgress, signal: stop.signal })).rejects.toBe(reason);

    expect(seen).toHaveLength(2);
  });
});
