import { KINDS } from '../../../lambda/contract/kinds';
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { soon } from '../../support/postgres';
import { caller, newRecord, newWallet, outcomes, query } from './fixtures';
import { auditor, problemOf, revoker, sealer, superuser, unsealer } from './stores';

/** The tests of revocations and audits, on the database that `useStores` connected. */
export function describeRevokeAndAudit(): void {
  describe('revoke', () => {
    test('destroys live and superseded records and leaves the tombstone', async () => {
      const record = newRecord(newWallet());
      await sealer.seal(record, caller, soon());
      await sealer.seal(newRecord(record, { supersedes: record.recordId }), caller, soon());
      const { revoked, revokedAt } = await revoker.revoke(record, KINDS, 'lost', caller, soon());
      expect(revoked).toBe(2);
      await expect(auditor.records(record, soon())).resolves.toEqual({
        records: [],
        revokedAt: revokedAt.toISOString(),
        serverKeySharesRevokedAt: revokedAt.toISOString(),
      });
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
      await expect(revoker.revoke(wallet, KINDS, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 1 });
    });

    test('returns the time of an earlier revocation, and logs the repeated call', async () => {
      const record = newRecord(newWallet());
      await sealer.seal(record, caller, soon());
      const first = await revoker.revoke(record, KINDS, 'lost', caller, soon());
      const again = await revoker.revoke(record, KINDS, 'lost', caller, soon());
      expect(again).toEqual({ revoked: 0, revokedAt: first.revokedAt, known: true });
      await expect(outcomes(superuser, record)).resolves.toEqual([
        'seal sealed',
        'revoke revoked',
        'revoke already-revoked',
      ]);
    });

    test('leaves a tombstone for a wallet never seen', async () => {
      const wallet = newWallet();
      await expect(revoker.revoke(wallet, KINDS, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 0 });
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
            keyMaterialId: record.keyMaterialId,
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

    test('returns the log in pages', async () => {
      const wallet = newWallet();
      for (const reason of ['a', 'b', 'c']) await revoker.revoke(wallet, KINDS, reason, caller, soon());
      const page = await auditor.log(wallet, 1, 1, soon());
      expect(page.map(({ sequence, reason }) => [sequence, reason])).toEqual([[2, 'b']]);
    });

    test('has no head of a wallet never seen', async () => {
      await expect(auditor.chainHead(newWallet(), soon())).rejects.toThrowWithCode('NotFound');
    });

    test('has no column that the documented hash leaves out', async () => {
      const page = readFileSync(join(__dirname, '../../../docs/access-log.md'), 'utf8');
      const columns = page.slice(page.indexOf('## A row'));
      const documented = [...columns.matchAll(/^\| `([a-z_]+)` +\| `[A-Za-z]+` +\|/gm)].map(([, name]) => name);
      const { rows } = await superuser.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute
          WHERE attrelid = 'vault.share_access_log'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      );
      expect(rows.map(({ name }) => name)).toEqual([...documented, 'previous_hash', 'hash']);
    });

    test('has the outcomes that the page documents, and no other', async () => {
      const page = readFileSync(join(__dirname, '../../../docs/access-log.md'), 'utf8');
      const table = page.slice(page.indexOf('## Outcomes'), page.indexOf('## The chain'));
      const rows = [...table.matchAll(/^\| `([a-z]+)` +\| ((?:`[a-z-]+`(?:, )?)+) +\|/gm)];
      const documented = rows.flatMap(([, action = '', names = '']) =>
        [...names.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => `${action} ${name}`),
      );
      const { rows: routines } = await superuser.query<{ source: string }>(
        `SELECT prosrc AS source FROM pg_proc
          WHERE pronamespace IN ('vault'::regnamespace, 'vault_api'::regnamespace) AND prosrc ~ 'PERFORM vault.append_log'`,
      );
      const written = routines.flatMap(({ source }) => {
        const [, action = ''] = /'(seal|unseal|reseal|revoke)'/.exec(source) ?? [];
        const names = source.matchAll(/(?:THEN|ELSE|text :=|'(?:seal|unseal|reseal|revoke)',)\s+'([a-z-]{2,})'/g);
        return [...names].map(([, name = '']) => `${action} ${name}`);
      });

      // what is outdated is only returned
      const logged = new Set(written.filter((each) => !each.endsWith(' outdated')));
      expect([...logged].sort()).toEqual(documented.sort());
    });

    test('returns at most 5000 rows of a log in a page', async () => {
      const wallet = newWallet();
      await superuser.query(
        `INSERT INTO vault.share_access_log (wallet_id, chain, sequence, at, action, outcome, actor, request_id,
            previous_hash, hash)
          SELECT $1, $2, n, now(), 'unseal', 'granted', 'signer', 'request-1', sha256(''), sha256('')
            FROM generate_series(1, 5001) AS n`,
        [wallet.walletId, wallet.chain],
      );
      const page = await auditor.log(wallet, 0, 6000, soon());
      expect([page.length, page.at(-1)?.sequence]).toEqual([5000, 5000]);
    });

    test('detects a row that was changed past the trigger', async () => {
      const record = newRecord(newWallet());
      await sealer.seal(record, caller, soon());
      await unsealer.unseal(query(record), caller, soon());
      await superuser.query('ALTER TABLE vault.share_access_log DISABLE TRIGGER append_only');
      await superuser.query("UPDATE vault.share_access_log SET actor = 'other' WHERE wallet_id = $1 AND sequence = 2", [
        record.walletId,
      ]);
      await superuser.query('ALTER TABLE vault.share_access_log ENABLE ALWAYS TRIGGER append_only');
      await expect(problemOf(record)).resolves.toMatchObject({ brokenAt: 2 });
    });
  });
}
