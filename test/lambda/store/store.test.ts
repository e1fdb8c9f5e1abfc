import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { ChainVerifier } from '../../../lambda/store/chain';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newTransportId, newWallet, outcomes, query, sha256 } from './fixtures';

let database: TestDatabase;
let superuser: Client;
let sealer: RecordStore;
let unsealer: RecordStore;
let revoker: RecordStore;
let auditor: RecordStore;

beforeAll(async () => {
  database = await TestDatabase.start();
  superuser = await database.superuser();
  sealer = await database.store('vault_sealer');
  unsealer = await database.store('vault_unsealer');
  revoker = await database.store('vault_revoker');
  auditor = await database.store('vault_auditor');
});
afterAll(() => database.stop());

describe('unseal', () => {
  test('counts and logs each opening', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await unsealer.unseal(query(record), caller, soon());
    const opened = await unsealer.unseal(query(record), { actor: 'robot', requestId: 'request-2' }, soon());
    const log = await auditor.log(record, 2, 10, soon());
    expect(opened.accessCount).toBe(2);
    expect(log).toEqual([
      {
        sequence: 3,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        action: 'unseal',
        outcome: 'granted',
        actor: 'robot',
        requestId: 'request-2',
        recordId: record.recordId,
        reason: 'to sign',
        previousHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  test('logs an attempt on a wallet never seen', async () => {
    const wallet = newWallet();
    await expect(unsealer.unseal(query(wallet), caller, soon())).rejects.toThrowWithCode('NotFound');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['unseal not-found']);
  });

  test("refuses another user's record as if there were none, and logs it", async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const attempt = unsealer.unseal(query(record, { userId: 'user-2' }), caller, soon());
    await expect(attempt).rejects.toThrowWithCode('NotFound');
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed', 'unseal other-user']);
  });

  test('refuses a user where the record has none', async () => {
    const record = newRecord(newWallet(), { userId: undefined });
    await sealer.seal(record, caller, soon());
    const attempt = unsealer.unseal(query(record, { userId: 'user-1' }), caller, soon());
    await expect(attempt).rejects.toThrowWithCode('NotFound');
  });

  test('refuses a revoked wallet, and logs it', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await revoker.revoke(record, 'lost', caller, soon());
    await expect(unsealer.unseal(query(record), caller, soon())).rejects.toThrowWithCode('Revoked');
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed', 'revoke revoked', 'unseal revoked']);
  });

  test('finds nothing under the same wallet id on another chain', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const attempt = unsealer.unseal(query({ ...record, chain: 'SOL' }), caller, soon());
    await expect(attempt).rejects.toThrowWithCode('NotFound');
  });

  test('logs every one of many at once, in one chain', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const stores = await Promise.all([1, 2, 3, 4].map(() => database.store('vault_unsealer')));
    const calls = stores.flatMap((store) => [1, 2, 3].map(() => store.unseal(query(record), caller, soon())));
    const counts = (await Promise.all(calls)).map(({ accessCount }) => accessCount).sort((a, b) => a - b);
    const verifier = new ChainVerifier(record, await auditor.chainHead(record, soon()));
    verifier.add(await auditor.log(record, 0, 500, soon()));
    // several may redeem after the same last count
    expect(counts.at(-1)).toBe(12);
    expect(verifier.end()).toBeUndefined();
    await expect(auditor.chainHead(record, soon())).resolves.toMatchObject({ length: 13 });
  });
});

describe('revoke', () => {
  test('destroys live and superseded records and leaves the tombstone', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await sealer.seal(newRecord(record, { supersedes: record.recordId }), caller, soon());
    const { revoked, revokedAt } = await revoker.revoke(record, 'lost', caller, soon());
    expect(revoked).toBe(2);
    await expect(auditor.records(record, soon())).resolves.toEqual({ records: [], revokedAt });
  });

  test('destroys a server key share too', async () => {
    const wallet = newWallet();
    await superuser.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)', [
      wallet.walletId,
      wallet.chain,
    ]);
    await superuser.query(
      `INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id)
        VALUES (gen_random_uuid(), $1, $2, 'x', 'key')`,
      [wallet.walletId, wallet.chain],
    );
    await expect(revoker.revoke(wallet, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 1 });
  });

  test('says when it was done before, and logs that it was asked again', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const first = await revoker.revoke(record, 'lost', caller, soon());
    const again = await revoker.revoke(record, 'lost', caller, soon());
    expect(again).toEqual({ revoked: 0, revokedAt: first.revokedAt });
    await expect(outcomes(superuser, record)).resolves.toEqual([
      'seal sealed',
      'revoke revoked',
      'revoke already-revoked',
    ]);
  });

  test('leaves a tombstone for a wallet never seen', async () => {
    const wallet = newWallet();
    await expect(revoker.revoke(wallet, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 0 });
    await expect(sealer.seal(newRecord(wallet), caller, soon())).rejects.toThrowWithCode('Revoked');
  });
});

describe('audit', () => {
  test('lists records without ciphertext', async () => {
    const record = newRecord(newWallet(), { userId: undefined });
    const { createdAt } = await sealer.seal(record, caller, soon());
    await expect(auditor.records(record, soon())).resolves.toEqual({
      revokedAt: undefined,
      records: [
        {
          recordId: record.recordId,
          kind: 'delegated-share',
          publicKey: '0xabc',
          shareSetId: 'set-1',
          keyId: record.keyId,
          algorithm: 'AES-256-GCM',
          createdAt: createdAt.toISOString(),
          accessCount: 0,
        },
      ],
    });
  });

  test('lists nothing of a wallet never seen', async () => {
    await expect(auditor.records(newWallet(), soon())).resolves.toEqual({ records: [], revokedAt: undefined });
  });

  test('pages the log', async () => {
    const wallet = newWallet();
    for (const reason of ['a', 'b', 'c']) await revoker.revoke(wallet, reason, caller, soon());
    const page = await auditor.log(wallet, 1, 1, soon());
    expect(page.map(({ sequence, reason }) => [sequence, reason])).toEqual([[2, 'b']]);
  });

  test('knows no head of a wallet never seen', async () => {
    await expect(auditor.chainHead(newWallet(), soon())).rejects.toThrowWithCode('NotFound');
  });

  test('finds out that a row was changed past the trigger', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await unsealer.unseal(query(record), caller, soon());
    await superuser.query('ALTER TABLE vault.share_access_log DISABLE TRIGGER append_only');
    await superuser.query("UPDATE vault.share_access_log SET actor = 'other' WHERE wallet_id = $1 AND sequence = 2", [
      record.walletId,
    ]);
    await superuser.query('ALTER TABLE vault.share_access_log ENABLE ALWAYS TRIGGER append_only');
    const verifier = new ChainVerifier(record, await auditor.chainHead(record, soon()));
    verifier.add(await auditor.log(record, 0, 500, soon()));
    expect(verifier.end()).toMatchObject({ brokenAt: 2 });
  });
});

describe('the access log', () => {
  test.each([
    'UPDATE vault.share_access_log SET actor = actor',
    'DELETE FROM vault.share_access_log',
    'TRUNCATE vault.share_access_log',
  ])('refuses even a superuser who slips: %s', async (statement) => {
    await expect(superuser.query(statement)).rejects.toMatchObject({ code: 'SV004' });
  });
});

describe('a seal sent again', () => {
  const first = { walletProperties: '{"a":1}', propertiesSha256: sha256('{"a":1}') };
  test.each<[string, Partial<NewRecord>]>([
    ['public key', { publicKey: '0xdef' }],
    ['user', { userId: 'user-2' }],
    ['share set', { shareSetId: undefined }],
    ['properties', { walletProperties: '{"a":2}', propertiesSha256: sha256('{"a":2}') }],
    ['no properties', { walletProperties: undefined, propertiesSha256: undefined }],
    ['supersedes', { supersedes: randomUUID() }],
    ['no supersedes', { supersedes: undefined }],
  ])('is refused with the transports of a request that had other members: %s', async (_, changes) => {
    const wallet = newWallet();
    const old = newRecord(wallet);
    await sealer.seal(old, caller, soon());
    const record = newRecord(wallet, { ...first, supersedes: old.recordId });
    await sealer.seal(record, caller, soon());

    await expect(sealer.seal({ ...record, ...changes }, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('returns the record and what it superseded after that was destroyed', async () => {
    const old = newRecord(newWallet());
    await sealer.seal(old, caller, soon());
    const record = newRecord(old, { supersedes: old.recordId });
    const stored = await sealer.seal(record, caller, soon());
    await superuser.query('DELETE FROM vault.delegated_shares WHERE id = $1', [old.recordId]);

    await expect(sealer.seal(record, caller, soon())).resolves.toEqual(stored);
  });

  test('is refused with a transport more than the first had, and for another chain', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const more = { ...record, transportIds: [...record.transportIds, newTransportId()] };
    await expect(sealer.seal(more, caller, soon())).rejects.toThrowWithCode('Conflict');
    await expect(sealer.seal({ ...record, chain: 'SVM' }, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('is refused with only some of the transports of the first', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    const again = { ...record, transportIds: record.transportIds.slice(1) };
    await expect(sealer.seal(again, caller, soon())).rejects.toThrowWithCode('Conflict');
  });
});
