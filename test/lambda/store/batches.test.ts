import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { KINDS } from '../../../lambda/contract/kinds';
import type { NewRecord, SealedRecord, StoredRecord } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import {
  caller,
  newRecord,
  newRecordOf,
  newTransportId,
  newWallet,
  outcomes,
  query,
  rowsOf,
  serverKeyShares,
  withProperties,
} from './fixtures';
import { database, problemOf, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['sealer', 'unsealer', 'revoker', 'auditor']);

/** Returns each result's record id, or the code of its refusal. */
const ends = (results: readonly (StoredRecord | SealedRecord | VaultError)[]) =>
  results.map((each) => (each instanceof VaultError ? each.name : each.recordId));
const sealAll = async (...records: readonly NewRecord[]) => ends(await sealer.sealAll(records, caller, soon()));
const open = async (...queries: readonly Parameters<typeof query>[]) =>
  unsealer.unsealAll(queries.map((each) => query(...each)), 'to sign', caller, soon()); // prettier-ignore
const idOf = ({ recordId }: NewRecord) => recordId;

describe('a batch of seals', () => {
  test('stores 100 records of both kinds, and unsealing them returns each in its place', async () => {
    const records = Array.from({ length: 100 }, (_, i) => newRecordOf(KINDS[i % 2] ?? KINDS[0], newWallet()));

    await expect(sealAll(...records)).resolves.toEqual(records.map(idOf));
    const opened = await open(...records.map((record): Parameters<typeof query> => [record, { kind: record.kind }]));

    expect(opened).toMatchObject(records.map(({ recordId, sealed }) => ({ recordId, sealed, accessCount: 1 })));
  });

  test.each(KINDS)('stores the others if one of %s is refused, which leaves no row', async (kind) => {
    const [live, first, last] = [
      newRecordOf(kind, newWallet()),
      newRecordOf(kind, newWallet()),
      newRecordOf(kind, newWallet()),
    ];
    const [revoked, conflicting, stale] = [newWallet(), newWallet(), newWallet()];
    const backup = withProperties('{"backup":1}', { hasBackupInfo: true });
    const backedUp = newRecordOf(kind, stale, backup);
    for (const record of [live, backedUp]) await sealer.seal(record, caller, soon());
    await revoker.revoke(revoked, [kind], 'lost', caller, soon());
    const over = { supersedes: backedUp.recordId };

    const results = sealAll(
      first,
      newRecordOf(kind, live),
      newRecordOf(kind, revoked),
      newRecordOf(kind, conflicting, { supersedes: randomUUID() }),
      newRecordOf(kind, newWallet(), withProperties('p', { expectedVersion: 3 })),
      newRecordOf(kind, stale, { ...over, ...withProperties('p', { expectedVersion: 1 }) }),
      last,
    );

    const codes = ['Conflict', 'Revoked', 'Conflict', 'VersionConflict', 'StaleWalletProperties'];
    await expect(results).resolves.toEqual([first.recordId, ...codes, last.recordId]);
    await expect(rowsOf(superuser, conflicting)).resolves.toBe(0);
    await expect(outcomes(superuser, stale)).resolves.toEqual(['seal sealed']);
    await expect(open([stale, { kind }])).resolves.toMatchObject([
      { recordId: backedUp.recordId, propertiesChanged: false },
    ]);
    await expect(problemOf(stale)).resolves.toBeUndefined();
  });

  test('stores nothing at all if one fails in another way', async () => {
    const records = [newRecord(newWallet()), newRecord(newWallet(), { userId: '' }), newRecord(newWallet())];
    await expect(sealAll(...records)).rejects.toThrowWithCode('InternalError');
    for (const record of records) await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test('frees the transports of a refused record', async () => {
    const live = newRecord(newWallet());
    await sealer.seal(live, caller, soon());
    const refused = newRecord(live);
    await expect(sealAll(refused)).resolves.toEqual(['Conflict']);
    await expect(sealAll({ ...refused, supersedes: live.recordId })).resolves.toEqual([refused.recordId]);
  });

  test.each(KINDS)('stores one record of %s if it has the same request twice', async (kind) => {
    const record = newRecordOf(kind, newWallet());
    const results = await sealAll(record, { ...record, recordId: randomUUID() });
    expect(results).toEqual([record.recordId, record.recordId]);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);
  });

  test.each<[string, (first: NewRecord) => NewRecord]>([
    ['of another wallet', ({ transportIds }) => newRecord(newWallet(), { transportIds })],
    ['of the other kind', (first) => newRecord(first, serverKeyShares({ transportIds: first.transportIds }))],
  ])('stores only one of two records with one transport, %s', async (_, secondOf) => {
    const first = newRecord({ ...newWallet(), walletId: `a-${randomUUID()}` });
    const second = secondOf(first);
    const results = await sealAll(first, second);
    expect(results).toEqual([first.recordId, 'Conflict']);
    await expect(outcomes(superuser, first)).resolves.toEqual(['seal sealed']);
  });

  test('of one wallet stores both kinds, and only the first of two of one kind', async () => {
    const wallet = newWallet();
    const [share, keyShares, late] = [newRecord(wallet), newRecord(wallet, serverKeyShares()), newRecord(wallet)];
    await expect(sealAll(share, keyShares, late)).resolves.toEqual([share.recordId, keyShares.recordId, 'Conflict']);
    await expect(problemOf(wallet)).resolves.toBeUndefined();
  });
});

test('records of one wallet in a batch make one version of the same properties, and a conflict of others', async () => {
  const wallet = newWallet();
  const [share, keyShares] = [newRecord(wallet, withProperties('same')), newRecord(wallet, serverKeyShares(withProperties('same')))]; // prettier-ignore
  await expect(sealAll(share, keyShares)).resolves.toEqual([share.recordId, keyShares.recordId]);

  const over = KINDS.map((kind, i) =>
    newRecordOf(kind, wallet, {
      supersedes: [share, keyShares][i]?.recordId,
      ...withProperties(kind, { expectedVersion: 1 }),
    }),
  );
  await expect(sealAll(...over)).resolves.toEqual([over[0]?.recordId, 'VersionConflict']);

  const versions = 'SELECT properties FROM vault.wallet_properties WHERE wallet_id = $1 ORDER BY version';
  const { rows } = await superuser.query(versions, [wallet.walletId]);
  expect(rows).toEqual([{ properties: 'same' }, { properties: KINDS[0] }]);
});

describe('a batch of seals sent again', () => {
  test('returns the records of the first try, superseded ones too', async () => {
    const records = KINDS.map((kind) => newRecordOf(kind, newWallet()));
    const first = await sealer.sealAll(records, caller, soon());
    const [share] = records;
    await sealer.seal(newRecord(share ?? newWallet(), { supersedes: share?.recordId }), caller, soon());

    const again = await sealer.sealAll(records.map((each) => ({ ...each, recordId: randomUUID() })), caller, soon()); // prettier-ignore

    expect(again).toEqual(first);
  });

  test('is refused for the record that was revoked, and returns the other', async () => {
    const [revoked, other] = [newRecord(newWallet()), newRecord(newWallet())];
    await sealAll(revoked, other);
    await revoker.revoke(revoked, KINDS, 'lost', caller, soon());
    await expect(sealAll(revoked, other)).resolves.toEqual(['Revoked', other.recordId]);
  });

  test('stores what the first try refused, and returns what it stored', async () => {
    const [live, next] = [newRecord(newWallet()), newRecord(newWallet())];
    await sealer.seal(live, caller, soon());
    const over = newRecord(live);
    await expect(sealAll(next, over)).resolves.toEqual([next.recordId, 'Conflict']);
    const again = sealAll(next, { ...over, supersedes: live.recordId });
    await expect(again).resolves.toEqual([next.recordId, over.recordId]);
  });
});

describe('a batch of unseals', () => {
  test('returns each outcome in its place, and logs each attempt', async () => {
    const [share, keyShares, revoked] = [
      newRecord(newWallet()),
      newRecord(newWallet(), serverKeyShares()),
      newRecord(newWallet()),
    ];
    await sealAll(share, keyShares, revoked);
    await revoker.revoke(revoked, ['delegated-share'], 'lost', caller, soon());

    const results = await open(
      [newWallet()],
      [share],
      [share, { kind: 'server-key-shares' }],
      [revoked],
      [keyShares, { kind: 'server-key-shares', userId: 'user-2' }],
      [keyShares, { kind: 'server-key-shares', userId: 'user-1' }],
    );

    expect(ends(results)).toEqual(['NotFound', share.recordId, 'NotFound', 'Revoked', 'NotFound', keyShares.recordId]);
    await expect(outcomes(superuser, share)).resolves.toEqual(['seal sealed', 'unseal granted', 'unseal not-found']);
    await expect(outcomes(superuser, keyShares)).resolves.toEqual([
      'seal sealed',
      'unseal other-user',
      'unseal granted',
    ]);
    for (const record of [share, keyShares, revoked]) await expect(problemOf(record)).resolves.toBeUndefined();
  });

  test('returns a record as often as it has it, with a log row for each time', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const results = await open([record], [record], [record]);
    expect(results).toMatchObject([record, record, record].map(({ sealed }) => ({ sealed, accessCount: 3 })));
    await expect(outcomes(superuser, record)).resolves.toHaveLength(4);
  });

  test('does not grant what would make the response too large, and logs that', async () => {
    const size = { delegatedShare: Buffer.alloc(73_728, 1), walletApiKey: Buffer.alloc(73_728, 2) };
    const record = newRecord(newWallet(), { sealed: size });
    await sealer.seal(record, caller, soon());
    const results = ends(await open(...Array.from({ length: 25 }, (): [NewRecord] => [record])));
    expect(results).toEqual([...Array.from({ length: 23 }, () => record.recordId), 'BatchTooLarge', 'BatchTooLarge']);
    expect((await outcomes(superuser, record)).slice(-2)).toEqual(['unseal too-large', 'unseal too-large']);
    await expect(open([record])).resolves.toMatchObject([{ accessCount: 24 }]);
  });

  test.each([0, 101])('of %d records is refused', async (count) => {
    const record = newRecord(newWallet());
    const queries = Array.from({ length: count }, () => query(record));
    await expect(unsealer.unsealAll(queries, 'why', caller, soon())).rejects.toThrowWithCode('InternalError');
    await expect(sealer.sealAll(queries.map(() => record), caller, soon())).rejects.toThrowWithCode('InternalError'); // prettier-ignore
  });
});

describe('batches of the same wallets at once', () => {
  const ROUNDS = 50;

  test('in opposite orders never wait for each other in a circle', async () => {
    const [seal, otherSeal] = [sealer, await database.store('vault_sealer')];
    const [unseal, otherUnseal] = [unsealer, await database.store('vault_unsealer')];
    let lives = ['z', 'Z', 'a-', 'é', '_'].map((prefix) =>
      newRecord({ walletId: `${prefix}${randomUUID()}`, chain: 'EVM' }),
    );
    await sealAll(...lives);
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = lives.map((live) => newRecord(live, { supersedes: live.recordId }));
      const rival = lives.map((live) => newRecord(live, { supersedes: live.recordId }));
      const queries = lives.map((live) => query(live));
      const [stored, , read] = await Promise.all([
        seal.sealAll(next, caller, soon()),
        otherSeal.sealAll(rival.toReversed(), caller, soon()),
        unseal.unsealAll(queries, 'why', caller, soon()),
        otherUnseal.unsealAll(queries.toReversed(), 'why', caller, soon()),
      ]);
      const won = !(stored[0] instanceof VaultError);
      // one batch replaces all, since it holds the first wallet until it ends
      expect(ends(stored)).toEqual(won ? next.map(idOf) : next.map(() => 'Conflict'));
      expect(read).toHaveLength(lives.length);
      lives = won ? next : rival;
    }
    for (const live of lives) await expect(problemOf(live)).resolves.toBeUndefined();
  });

  test('that are new are made once, and the other batch returns conflicts or the same records', async () => {
    const other = await database.store('vault_sealer');
    for (let round = 0; round < ROUNDS; round += 1) {
      const records = Array.from({ length: 4 }, () => newRecord(newWallet()));
      const retried = records.map((each) => ({ ...each, recordId: randomUUID() }));
      const [one, two] = await Promise.all([
        sealer.sealAll(records, caller, soon()),
        other.sealAll(retried.toReversed(), caller, soon()),
      ]);
      expect(ends(one)).toEqual(ends(two).toReversed());
    }
  });

  test('with crossed transports end, and store a transport once', async () => {
    const other = await database.store('vault_sealer');
    const [x, y] = [newTransportId(), newTransportId()];
    const named = (walletId: string, jti: string) =>
      newRecord({ walletId: `${walletId}-${randomUUID()}`, chain: 'EVM' }, { transportIds: [jti] });
    const [a, b, c, d] = [named('a', x), named('b', y), named('c', y), named('d', x)];
    const both = await Promise.allSettled([
      sealer.sealAll([a, b], caller, soon()),
      other.sealAll([c, d], caller, soon()),
    ]);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    const { rows } = await superuser.query('SELECT FROM vault.seal_transports WHERE jti = ANY ($1)', [[x, y]]);
    expect(rows).toHaveLength(2);
  });
});
