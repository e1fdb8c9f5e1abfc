import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import type { NewRecord, UnsealQuery, WalletKey } from '../../../lambda/store/store';
import { MAJORS, soon } from '../../support/postgres';
import {
  TABLE_OF,
  caller,
  newRecord,
  newRecordOf,
  newTransportId,
  newWallet,
  outcomes,
  query,
  rowsOf,
  withProperties,
} from './fixtures';
import { describeRevokeAndAudit } from './revoke-and-audit';
import { ROUTES, callOf } from './routes';
import { database, superuser, sealer, unsealer, revoker, auditor, problemOf, useStores } from './stores';

describe.each(MAJORS)('on PostgreSQL %s', (_, programs) => {
  useStores(['sealer', 'unsealer', 'revoker', 'auditor'], programs);

  describe.each(KINDS)('unseal of %s', (kind) => {
    const recordOf = (wallet: WalletKey, changes: Partial<NewRecord> = {}) => newRecordOf(kind, wallet, changes);
    const live = (wallet: WalletKey, changes: Partial<UnsealQuery> = {}) => query(wallet, { kind, ...changes });

    test('counts and logs each opening', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      await unsealer.unseal(live(record), caller, soon());
      const opened = await unsealer.unseal(live(record), { actor: 'robot', requestId: 'request-2' }, soon());
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

    test('unseal of a wallet never seen leaves a row of its own log, and neither a wallet nor a chain', async () => {
      const wallet = newWallet();
      const attempt = unsealer.unseal(live(wallet), caller, soon());
      await expect(attempt).rejects.toThrowWithCode('NotFound');
      const { rows } = await superuser.query(
        'SELECT chain, actor, request_id, reason FROM vault.unknown_wallet_log WHERE wallet_id = $1',
        [wallet.walletId],
      );
      expect(rows).toEqual([{ chain: 'EVM', actor: 'signer', request_id: 'request-1', reason: 'to sign' }]);
      await expect(rowsOf(superuser, wallet)).resolves.toBe(0);
    });

    test('unseal of a record that is replaced between its ticket and its reading may be tried again', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      await superuser.query(
        `CREATE FUNCTION public.replace_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          UPDATE ${TABLE_OF[kind]} SET superseded_at = now(), superseded_by = gen_random_uuid()
            WHERE id = ANY (OLD.record_ids);
          RETURN OLD;
        END $$`,
      );
      await superuser.query(
        `CREATE TRIGGER replace_it BEFORE DELETE ON vault.batch_tickets
          FOR EACH ROW EXECUTE FUNCTION public.replace_it()`,
      );
      const attempt = unsealer.unseal(live(record), caller, soon());
      await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
      await superuser.query('DROP FUNCTION public.replace_it CASCADE');
      await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed', 'unseal granted']);
    });

    test("refuses another user's record as if there were none, and logs it", async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      const attempt = unsealer.unseal(live(record, { userId: 'user-2' }), caller, soon());
      await expect(attempt).rejects.toThrowWithCode('NotFound');
      await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed', 'unseal other-user']);
    });

    test('refuses a user if the record has none', async () => {
      const record = recordOf(newWallet(), { userId: undefined });
      await sealer.seal(record, caller, soon());
      const attempt = unsealer.unseal(live(record, { userId: 'user-1' }), caller, soon());
      await expect(attempt).rejects.toThrowWithCode('NotFound');
    });

    test('refuses a revoked wallet, and logs it', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      await revoker.revoke(record, [kind], 'lost', caller, soon());
      await expect(unsealer.unseal(live(record), caller, soon())).rejects.toThrowWithCode('Revoked');
      await expect(outcomes(superuser, record)).resolves.toEqual([
        'seal sealed',
        `revoke ${kind}-revoked`,
        'unseal revoked',
      ]);
    });

    test('finds nothing under the same wallet id on another chain', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      const attempt = unsealer.unseal(live({ ...record, chain: 'SOL' }), caller, soon());
      await expect(attempt).rejects.toThrowWithCode('NotFound');
    });

    test('logs each of many calls at once, in one chain', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      const stores = await Promise.all([1, 2, 3, 4].map(() => database.store('vault_unsealer')));
      const calls = stores.flatMap((store) => [1, 2, 3].map(() => store.unseal(live(record), caller, soon())));
      const counts = (await Promise.all(calls)).map(({ accessCount }) => accessCount).sort((a, b) => a - b);
      // several may redeem after the same last count
      expect(counts.at(-1)).toBe(12);
      await expect(problemOf(record)).resolves.toBeUndefined();
      await expect(auditor.chainHead(record, soon())).resolves.toMatchObject({ length: 13 });
    });
  });

  describeRevokeAndAudit();

  describe('the access log', () => {
    test.each([
      'UPDATE vault.share_access_log SET actor = actor',
      'DELETE FROM vault.share_access_log',
      'TRUNCATE vault.share_access_log',
    ])('refuses a change even to a superuser: %s', async (statement) => {
      await expect(superuser.query(statement)).rejects.toMatchObject({ code: 'SV004' });
    });
  });

  describe('a row of the log', () => {
    /** Calls each procedure by hand, with the session's settings. */
    const unsealBy = async (session: Client, { walletId, chain }: WalletKey) => {
      for (const route of ROUTES) await session.query(callOf(route), [walletId, chain]);
    };

    test.each([
      "TimeZone = '<UTC>+05'",
      "TimeZone = 'America/New_York'",
      "DateStyle = 'German, DMY'",
      "IntervalStyle = 'iso_8601'",
      'extra_float_digits = -15',
      "bytea_output = 'escape'",
      'standard_conforming_strings = off',
      'transform_null_equals = on',
      "search_path = 'pg_temp, vault_api'",
    ])('keeps its hash, written or read in a session with %s', async (setting) => {
      const record = newRecord(newWallet());
      await sealer.seal(record, caller, soon());
      const [writing, reading] = [await database.login('vault_unsealer'), await database.login('vault_auditor')];
      await writing.query(`SET ${setting}`);
      await reading.query(`SET ${setting}`);
      await unsealBy(writing, record);
      const read = await reading.query<{ at: string }>('SELECT at FROM vault_api.read_log($1, $2, 0, 10)', [
        record.walletId,
        record.chain,
      ]);
      await expect(problemOf(record)).resolves.toBeUndefined();
      expect(read.rows.map(({ at }) => at)).toEqual((await auditor.log(record, 0, 10, soon())).map(({ at }) => at));
    });

    test('is not written if the table would store another row than the hashed one', async () => {
      const wallet = newWallet();
      await superuser.query(
        `CREATE FUNCTION public.rename_actor() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          NEW.actor := 'other';
          RETURN NEW;
        END $$`,
      );
      await superuser.query(
        `CREATE TRIGGER rename_actor BEFORE INSERT ON vault.share_access_log
          FOR EACH ROW EXECUTE FUNCTION public.rename_actor()`,
      );
      const attempt = superuser.query("SELECT vault_api.revoke($1, 'EVM', 'lost', 'me', 'request-1')", [
        wallet.walletId,
      ]);
      await expect(attempt).rejects.toMatchObject({ code: 'SV004' });
      await superuser.query('DROP FUNCTION public.rename_actor CASCADE');
      await expect(rowsOf(superuser, wallet)).resolves.toBe(0);
    });
  });

  describe.each(KINDS)('a seal of %s sent again', (kind) => {
    const recordOf = (wallet: WalletKey, changes: Partial<NewRecord> = {}) => newRecordOf(kind, wallet, changes);
    const first = withProperties('{"a":1}');
    test.each<[string, Partial<NewRecord>]>([
      ['public key', { publicKey: '0xdef' }],
      ['user', { userId: 'user-2' }],
      ['share set', { shareSetId: undefined }],
      ['properties', withProperties('{"a":2}')],
      ['no properties', { properties: undefined, propertiesSha256: undefined }],
      ['supersedes', { supersedes: randomUUID() }],
      ['no supersedes', { supersedes: undefined }],
    ])('is refused with the transports of a request that had other members: %s', async (_, changes) => {
      const wallet = newWallet();
      const old = recordOf(wallet);
      await sealer.seal(old, caller, soon());
      const record = recordOf(wallet, { ...first, supersedes: old.recordId });
      await sealer.seal(record, caller, soon());

      await expect(sealer.seal({ ...record, ...changes }, caller, soon())).rejects.toThrowWithCode('Conflict');
    });

    test('returns the record and what it superseded after that was destroyed', async () => {
      const old = recordOf(newWallet());
      await sealer.seal(old, caller, soon());
      const record = recordOf(old, { supersedes: old.recordId });
      const stored = await sealer.seal(record, caller, soon());
      await superuser.query(`DELETE FROM ${TABLE_OF[kind]} WHERE id = $1`, [old.recordId]);

      await expect(sealer.seal(record, caller, soon())).resolves.toEqual(stored);
    });

    test('is refused with a transport more than the first had, and for another chain', async () => {
      const record = recordOf(newWallet());
      await sealer.seal(record, caller, soon());
      const more = { ...record, transportIds: [...record.transportIds, newTransportId()] };
      await expect(sealer.seal(more, caller, soon())).rejects.toThrowWithCode('Conflict');
      await expect(sealer.seal({ ...record, chain: 'SVM' }, caller, soon())).rejects.toThrowWithCode('Conflict');
    });

    test('is refused with only some of the transports of the first', async () => {
      const record = recordOf(newWallet(), { transportIds: [newTransportId(), newTransportId()] });
      await sealer.seal(record, caller, soon());
      const again = { ...record, transportIds: record.transportIds.slice(1) };
      await expect(sealer.seal(again, caller, soon())).rejects.toThrowWithCode('Conflict');
    });
  });
});
