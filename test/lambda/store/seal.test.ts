import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { KINDS, type Kind, MATERIALS, type MaterialName, byName } from '../../../lambda/contract/kinds';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import type { NewRecord, SealedMaterials, UnsealQuery, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import {
  TABLE_OF,
  caller,
  newRecord,
  newRecordOf,
  newWallet,
  outcomes,
  query,
  rowsOf,
  sha256,
  withProperties,
} from './fixtures';
import { superuser, sealer, unsealer, revoker, auditor, useStores } from './stores';

useStores(['sealer', 'unsealer', 'revoker', 'auditor']);

function age(kind: Kind, recordId: string, by: string) {
  const update = `UPDATE ${TABLE_OF[kind]} SET superseded_at = superseded_at - $2::interval WHERE id = $1`;
  return superuser.query(update, [recordId, by]);
}

describe.each(KINDS)('seal of %s', (kind) => {
  const recordOf = (wallet: WalletKey, changes: Partial<NewRecord> = {}) => newRecordOf(kind, wallet, changes);
  const live = (wallet: WalletKey, changes: Partial<UnsealQuery> = {}) => query(wallet, { kind, ...changes });
  const sealedOf = (message: () => Buffer): SealedMaterials => byName<MaterialName, Buffer>(MATERIALS[kind], message);

  test('stores the messages that unseal returns, byte for byte', async () => {
    const properties = '{"backup":"ünïcode"}';
    const record = recordOf(newWallet(), withProperties(properties));
    const stored = await sealer.seal(record, caller, soon());
    const opened = await unsealer.unseal(live(record, { userId: 'user-1' }), caller, soon());
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
    const record = recordOf(newWallet(), bare);
    await sealer.seal(record, caller, soon());
    const opened = await unsealer.unseal(live(record), caller, soon());
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
    const sealed = sealedOf(() => randomBytes(73_728));
    const record = recordOf(newWallet(), { sealed });
    await sealer.seal(record, caller, soon());
    expect((await unsealer.unseal(live(record), caller, soon())).sealed).toEqual(sealed);
  });

  test.each([
    ['a message over the largest size', { sealed: sealedOf(() => randomBytes(73_729)) }],
    ['an empty message', { sealed: sealedOf(() => Buffer.alloc(0)) }],
    ['a missing message', { sealed: {} }],
    ['a chain over 10 characters', { chain: 'ABCDEFGHIJK' }],
    ['a wallet id over 255 characters', { walletId: 'w'.repeat(256) }],
    ['a wallet id with a control character', { walletId: `w\u0007${randomUUID()}` }],
    ['an empty wallet id', { walletId: '' }],
    ['an empty user id', { userId: '' }],
    ['a malformed transport id', { transportIds: ['short'] }],
    ['no transport id', { transportIds: [] }],
    ['properties of another digest', withProperties('{}', { sha256: sha256('[]') })],
  ])('refuses %s, and leaves no row', async (_, changes) => {
    const record = recordOf(newWallet(), changes);
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('InternalError');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test('refuses to replace a live record without supersedes', async () => {
    const wallet = newWallet();
    const first = recordOf(wallet);
    await sealer.seal(first, caller, soon());
    await expect(sealer.seal(recordOf(wallet), caller, soon())).rejects.toThrowWithCode('Conflict');
    await expect(unsealer.unseal(live(wallet), caller, soon())).resolves.toMatchObject({ recordId: first.recordId });
  });

  test('replaces the live record that supersedes names', async () => {
    const wallet = newWallet();
    const old = recordOf(wallet);
    await sealer.seal(old, caller, soon());
    const next = recordOf(wallet, { supersedes: old.recordId });
    const stored = await sealer.seal(next, caller, soon());
    expect(stored).toMatchObject({ recordId: next.recordId, supersededRecordId: old.recordId });
    await expect(unsealer.unseal(live(wallet), caller, soon())).resolves.toMatchObject({ recordId: next.recordId });
  });

  test('refuses to supersede another record than the live one', async () => {
    const first = recordOf(newWallet());
    await sealer.seal(first, caller, soon());
    const next = recordOf(first, { supersedes: randomUUID() });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('refuses to supersede a record that was superseded before', async () => {
    const old = recordOf(newWallet());
    await sealer.seal(old, caller, soon());
    await sealer.seal(recordOf(old, { supersedes: old.recordId }), caller, soon());
    const next = recordOf(old, { supersedes: old.recordId });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('refuses to supersede if there is no record, and leaves no row', async () => {
    const record = recordOf(newWallet(), { supersedes: randomUUID() });
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('Conflict');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });

  test('refuses a revoked wallet', async () => {
    const wallet = newWallet();
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(sealer.seal(recordOf(wallet), caller, soon())).rejects.toThrowWithCode('Revoked');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['revoke revoked']);
  });

  test('keeps each version of the wallet properties, and the same one once', async () => {
    const wallet = newWallet();
    const first = recordOf(wallet, withProperties('a'));
    const same = {
      ...recordOf(wallet, { supersedes: first.recordId }),
      ...withProperties('a'),
    };
    const other = {
      ...recordOf(wallet, { supersedes: same.recordId }),
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
    const [first, second, third, fourth] = [recordOf(wallet), recordOf(wallet), recordOf(wallet), recordOf(wallet)];
    await sealer.seal(first, caller, soon());
    await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    await sealer.seal({ ...third, supersedes: second.recordId }, caller, soon());
    await age(kind, first.recordId, '30 days 1 minute');
    await age(kind, second.recordId, '29 days 23 hours');
    await sealer.seal({ ...fourth, supersedes: third.recordId }, caller, soon());
    const { records } = await auditor.records(wallet, soon());
    expect(records.map(({ recordId }) => recordId)).toEqual([second.recordId, third.recordId, fourth.recordId]);
  });
});

test.each(KINDS)('a seal of %s neither needs nor replaces the live record of another chain', async (kind) => {
  const other = newRecordOf(kind, { ...newWallet(), chain: 'SVM' });
  const record = newRecordOf(kind, { walletId: other.walletId, chain: 'EVM' });
  await sealer.seal(other, caller, soon());

  await sealer.seal(record, caller, soon());

  await expect(unsealer.unseal(query(other, { kind }), caller, soon())).resolves.toMatchObject({
    recordId: other.recordId,
  });
  await expect(unsealer.unseal(query(record, { kind }), caller, soon())).resolves.toMatchObject({
    recordId: record.recordId,
  });
});

test.each(KINDS)('a seal of %s neither needs nor replaces the live record of the other kind', async (kind) => {
  const other = newRecordOf(kind === KINDS[0] ? KINDS[1] : KINDS[0], newWallet());
  await sealer.seal(other, caller, soon());
  const first = newRecordOf(kind, other);
  const next = newRecordOf(kind, other, { supersedes: first.recordId });

  for (const record of [first, next]) await sealer.seal(record, caller, soon());

  for (const record of [other, next]) {
    const opened = unsealer.unseal(query(record, { kind: record.kind }), caller, soon());
    await expect(opened).resolves.toMatchObject({ recordId: record.recordId, sealed: record.sealed });
  }
});

test('a call whose time is up before it begins is not made', async () => {
  const record = newRecord(newWallet());
  await expect(sealer.seal(record, caller, deadlineIn(0))).rejects.toThrowWithCode('StoreUnavailable');
  await expect(rowsOf(superuser, record)).resolves.toBe(0);
});
