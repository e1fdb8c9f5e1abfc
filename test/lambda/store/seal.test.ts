import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { soon } from '../../support/postgres';
import {
  caller,
  insertServerKeyShares,
  newRecord,
  newTransportId,
  newWallet,
  outcomes,
  query,
  rowsOf,
  sha256,
  withProperties,
} from './fixtures';
import { database, superuser, sealer, unsealer, revoker, auditor, useStores } from './stores';

useStores(['sealer', 'unsealer', 'revoker', 'auditor']);

describe('seal', () => {
  test('stores the messages that unseal returns, byte for byte', async () => {
    const properties = '{"backup":"ünïcode"}';
    const record = newRecord(newWallet(), withProperties(properties));
    const stored = await sealer.seal(record, caller, soon());
    const opened = await unsealer.unseal(query(record, { userId: 'user-1' }), caller, soon());
    expect(stored).toEqual({ recordId: record.recordId, keyId: record.keyId, createdAt: expect.any(Date) });
    expect(opened).toEqual({
      recordId: record.recordId,
      userId: 'user-1',
      publicKey: '0xabc',
      shareSetId: 'set-1',
      propertiesSha256: sha256(properties),
      sealed: record.sealed,
      accessCount: 1,
      propertiesChanged: false,
    });
  });

  test('stores a record that has only the required members', async () => {
    const bare = { userId: undefined, publicKey: undefined, shareSetId: undefined };
    const record = newRecord(newWallet(), bare);
    await sealer.seal(record, caller, soon());
    const opened = await unsealer.unseal(query(record), caller, soon());
    expect(opened).toEqual({
      ...bare,
      propertiesSha256: undefined,
      recordId: record.recordId,
      sealed: record.sealed,
      accessCount: 1,
      propertiesChanged: false,
    });
  });

  test('accepts messages of the largest size', async () => {
    const sealed = { delegatedShare: randomBytes(73_728), walletApiKey: randomBytes(73_728) };
    const record = newRecord(newWallet(), { sealed });
    await sealer.seal(record, caller, soon());
    expect((await unsealer.unseal(query(record), caller, soon())).sealed).toEqual(sealed);
  });

  test.each([
    [
      'a message over the largest size',
      { sealed: { delegatedShare: randomBytes(73_729), walletApiKey: randomBytes(9) } },
    ],
    ['an empty message', { sealed: { delegatedShare: Buffer.alloc(0), walletApiKey: randomBytes(9) } }],
    ['a missing message', { sealed: { delegatedShare: randomBytes(9) } }],
    ['a chain over 10 characters', { chain: 'ABCDEFGHIJK' }],
    ['a wallet id over 255 characters', { walletId: 'w'.repeat(256) }],
    ['a wallet id with a control character', { walletId: `w\u0007${randomUUID()}` }],
    ['an empty wallet id', { walletId: '' }],
    ['an empty user id', { userId: '' }],
    ['a malformed transport id', { transportIds: ['short'] }],
    ['no transport id', { transportIds: [] }],
    ['properties of another digest', withProperties('{}', { sha256: sha256('[]') })],
  ])('refuses %s, and leaves no row', async (_, changes) => {
    const record = newRecord(newWallet(), changes);
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('InternalError');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test('refuses to replace a live record without supersedes', async () => {
    const wallet = newWallet();
    const live = newRecord(wallet);
    await sealer.seal(live, caller, soon());
    await expect(sealer.seal(newRecord(wallet), caller, soon())).rejects.toThrowWithCode('Conflict');
    await expect(unsealer.unseal(query(wallet), caller, soon())).resolves.toMatchObject({ recordId: live.recordId });
  });

  test('replaces the live record that supersedes names', async () => {
    const wallet = newWallet();
    const old = newRecord(wallet);
    await sealer.seal(old, caller, soon());
    const next = newRecord(wallet, { supersedes: old.recordId });
    const stored = await sealer.seal(next, caller, soon());
    expect(stored).toMatchObject({ recordId: next.recordId, supersededRecordId: old.recordId });
    await expect(unsealer.unseal(query(wallet), caller, soon())).resolves.toMatchObject({ recordId: next.recordId });
  });

  test('refuses to supersede another record than the live one', async () => {
    const live = newRecord(newWallet());
    await sealer.seal(live, caller, soon());
    const next = newRecord(live, { supersedes: randomUUID() });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('refuses to supersede a record that was superseded before', async () => {
    const old = newRecord(newWallet());
    await sealer.seal(old, caller, soon());
    await sealer.seal(newRecord(old, { supersedes: old.recordId }), caller, soon());
    const next = newRecord(old, { supersedes: old.recordId });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('refuses to supersede if there is no record, and leaves no row', async () => {
    const record = newRecord(newWallet(), { supersedes: randomUUID() });
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('Conflict');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test('refuses a revoked wallet', async () => {
    const wallet = newWallet();
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(sealer.seal(newRecord(wallet), caller, soon())).rejects.toThrowWithCode('Revoked');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['revoke revoked']);
  });

  test('keeps each version of the wallet properties, and the same one once', async () => {
    const wallet = newWallet();
    const first = newRecord(wallet, withProperties('a'));
    const same = {
      ...newRecord(wallet, { supersedes: first.recordId }),
      ...withProperties('a'),
    };
    const other = {
      ...newRecord(wallet, { supersedes: same.recordId }),
      ...withProperties('b', { expectedVersion: 1 }),
    };
    for (const record of [first, same, other]) await sealer.seal(record, caller, soon());
    const versions = await superuser.query(
      'SELECT version, properties FROM vault.wallet_properties WHERE wallet_id = $1 ORDER BY version',
      [wallet.walletId],
    );
    expect(versions.rows).toEqual([
      { version: '1', properties: 'a' },
      { version: '2', properties: 'b' },
    ]);
  });

  test('destroys what was superseded over 30 days ago, and nothing younger', async () => {
    const wallet = newWallet();
    const [first, second, third, fourth] = [newRecord(wallet), newRecord(wallet), newRecord(wallet), newRecord(wallet)];
    await sealer.seal(first, caller, soon());
    await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    await sealer.seal({ ...third, supersedes: second.recordId }, caller, soon());
    await age(first.recordId, '30 days 1 minute');
    await age(second.recordId, '29 days 23 hours');
    await sealer.seal({ ...fourth, supersedes: third.recordId }, caller, soon());
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ recordId }) => recordId)).toEqual([second.recordId, third.recordId, fourth.recordId]);
  });
});

test('a seal neither needs nor replaces the live record of another chain of its wallet', async () => {
  const other = newRecord({ ...newWallet(), chain: 'SVM' });
  const record = newRecord({ walletId: other.walletId, chain: 'EVM' });
  await sealer.seal(other, caller, soon());

  await sealer.seal(record, caller, soon());

  await expect(unsealer.unseal(query(other), caller, soon())).resolves.toMatchObject({ recordId: other.recordId });
  await expect(unsealer.unseal(query(record), caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
});

test("a seal leaves the wallet's live server key shares", async () => {
  const record = newRecord(newWallet());
  await sealer.seal(record, caller, soon());
  const keyShares = await insertServerKeyShares(superuser, record);

  await sealer.seal(newRecord(record, { supersedes: record.recordId }), caller, soon());

  const { records } = await auditor.records(record, soon());
  expect(records.map(({ recordId }) => recordId)).toContain(keyShares);
});

/** Resolves when a seal waits for another. */
async function untilWaiting(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_sealer'";
  while ((await superuser.query(waiting)).rowCount === 0) await sleep(10);
}

function age(recordId: string, by: string) {
  const update = 'UPDATE vault.delegated_shares SET superseded_at = superseded_at - $2::interval WHERE id = $1';
  return superuser.query(update, [recordId, by]);
}

describe('a seal sent again', () => {
  test('returns the record that the first try stored', async () => {
    const record = newRecord(newWallet());
    const first = await sealer.seal(record, caller, soon());
    const again = await sealer.seal({ ...record, recordId: randomUUID() }, caller, soon());
    expect(again).toEqual(first);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);
  });

  test('returns the record, and what it superseded, after it was superseded itself', async () => {
    const wallet = newWallet();
    const [first, second, third] = [newRecord(wallet), newRecord(wallet), newRecord(wallet)];
    await sealer.seal(first, caller, soon());
    const stored = await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    await sealer.seal({ ...third, supersedes: second.recordId }, caller, soon());
    const again = await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    expect(again).toEqual(stored);
  });

  test('stores one record when both arrive at once', async () => {
    const record = newRecord(newWallet());
    const other = await database.store('vault_sealer');
    const answers = await Promise.all([
      sealer.seal(record, caller, soon()),
      other.seal({ ...record, recordId: randomUUID() }, caller, soon()),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);
  });

  test('is refused once the wallet was revoked', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await revoker.revoke(record, KINDS, 'lost', caller, soon());
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('Revoked');
  });

  test.each([
    ['a transport of another wallet', (seen: string) => [seen, newTransportId()], newWallet()],
    ['both transports of another wallet', (seen: string, also: string) => [seen, also], newWallet()],
    ['a transport of this wallet beside a new one', (seen: string) => [seen, newTransportId()], undefined],
  ])('is refused with %s', async (_, transportsOf, elsewhere) => {
    const [seen, also] = [newTransportId(), newTransportId()];
    const record = newRecord(newWallet(), { transportIds: [seen, also] });
    await sealer.seal(record, caller, soon());
    const next = newRecord(elsewhere ?? record, { transportIds: transportsOf(seen, also) });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('is refused with transports of two records', async () => {
    const wallet = newWallet();
    const first = newRecord(wallet);
    const second = newRecord(wallet, { supersedes: first.recordId });
    await sealer.seal(first, caller, soon());
    await sealer.seal(second, caller, soon());
    const transportIds = [first.transportIds[0] ?? '', second.transportIds[1] ?? ''];
    await expect(sealer.seal(newRecord(wallet, { transportIds }), caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('is refused with a transport that another wallet gets at the same moment', async () => {
    const [jti, also] = [newTransportId(), newTransportId()];
    const first = await database.login('vault_sealer');
    await first.query('BEGIN');
    await first.query(
      `SELECT vault_api.seal_delegated_share(gen_random_uuid(), $1, 'EVM', NULL, NULL, NULL, NULL, 's', 'k', 'key',
        ARRAY[$2, $3], NULL, NULL, 'actor', 'request')`,
      [newWallet().walletId, jti, also],
    );
    const second = newRecord(newWallet(), { transportIds: [newTransportId(), jti] });
    const attempt = expect(sealer.seal(second, caller, soon())).rejects.toThrowWithCode('Conflict');
    await untilWaiting();
    await first.query('COMMIT');
    await attempt;
    await expect(rowsOf(superuser, second)).resolves.toBe(0);
  });
});

test('a call whose time is up before it begins is not made', async () => {
  const record = newRecord(newWallet());
  await expect(sealer.seal(record, caller, deadlineIn(0))).rejects.toThrowWithCode('StoreUnavailable');
  await expect(rowsOf(superuser, record)).resolves.toBe(0);
});
