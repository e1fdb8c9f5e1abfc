import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { KINDS, type Kind } from '../../../lambda/contract/kinds';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newRecordOf } from './fixtures';
import { FORMER, RECORDS, ROUTES, beginPastGuard, callOf, redeemOf } from './routes';
import { database, superuser } from './stores';
import {
  IN_A_TRANSACTION,
  NOT_REDEEMED,
  issuedTicket,
  record,
  unsealer,
  useRecord,
  useWayPastGuard,
  wallet,
} from './unseal-by-hand';

// Attempts by a holder of the unsealer's credentials to redeem a ticket that it should not.

useWayPastGuard();

describe.each(ROUTES)('$procedure of $kind:', (route) => {
  const redeem = redeemOf(route);
  useRecord(route);

  describe('a ticket', () => {
    test('is refused when over 5 s old', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await superuser.query(
        `UPDATE vault.${route.tickets} SET issued_at = issued_at - interval '5.1 s' WHERE ticket = $1`,
        [ticket],
      );
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test('is refused when it is of the future', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await superuser.query(
        `UPDATE vault.${route.tickets} SET issued_at = issued_at + interval '1 h' WHERE ticket = $1`,
        [ticket],
      );
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test('is refused in another session of the same role', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      const other = await database.login('vault_unsealer');
      await expect(other.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test('is refused to another role on the very same connection', async () => {
      await superuser.query(`GRANT EXECUTE ON FUNCTION vault_api.${route.redeemFunction} TO vault_reader`);
      const session = await database.superuser();
      await session.query('SET SESSION AUTHORIZATION vault_unsealer');
      const ticket = await issuedTicket(session, route, wallet);
      await session.query('SET SESSION AUTHORIZATION vault_reader');
      await expect(session.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await session.query('SET SESSION AUTHORIZATION vault_unsealer');
      const { rows } = await session.query(redeem, [ticket]);
      expect(route.openedIn(rows)).toMatchObject({ outcome: 'granted' });
      await superuser.query(`REVOKE EXECUTE ON FUNCTION vault_api.${route.redeemFunction} FROM vault_reader`);
    });

    test('is refused a second time', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await unsealer.query(redeem, [ticket]);
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test.each([
      ['transaction', 'BEGIN', 'ROLLBACK'],
      ['savepoint', 'BEGIN; SAVEPOINT before', 'ROLLBACK TO before'],
    ])('is refused a second time after the %s that redeemed it was rolled back', async (_, open, undo) => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await unsealer.query(open);
      await unsealer.query(redeem, [ticket]);
      await unsealer.query(undo);
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test('is refused a second time after the session forgot its sequences too', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await unsealer.query('BEGIN');
      await unsealer.query(redeem, [ticket]);
      await unsealer.query('ROLLBACK; DISCARD SEQUENCES');
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject({ code: '55000' });
    });

    test('is refused once the session began another', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await issuedTicket(unsealer, route, wallet);
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test('is refused if it is invented or missing', async () => {
      await issuedTicket(unsealer, route, wallet);
      await expect(unsealer.query(redeem, [randomUUID()])).rejects.toMatchObject(NOT_REDEEMED);
      await expect(unsealer.query(redeem, [null])).rejects.toMatchObject(NOT_REDEEMED);
    });

    test.each([
      ['other-user', (begin: string) => begin.replace('NULL', "'user-2'")],
      ['not-found', (begin: string) => begin.replace('$2', "'SOL'||$2")],
    ])('holds the outcome %s until it is redeemed, and no ciphertext', async (outcome, change) => {
      const begun = await unsealer.query<{ ticket: string }>(change(beginPastGuard(route)), [...wallet]);
      expect(begun.rows).toEqual([{ ticket: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
      const { rows } = await unsealer.query(redeem, [begun.rows[0]?.ticket]);
      expect(route.openedIn(rows)).toEqual({ outcome, sealed: {} });
    });

    test('returns no ciphertext of a record that was replaced meanwhile', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      const next = newRecordOf(route.kind, record, { supersedes: record.recordId });
      await (await database.store('vault_sealer')).seal(next, caller, soon());
      const { rows } = await unsealer.query(redeem, [ticket]);
      expect(route.openedIn(rows)).toEqual({ outcome: 'changed', sealed: {} });
    });

    test('returns no ciphertext of a wallet that was revoked meanwhile', async () => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await (await database.store('vault_revoker')).revoke(record, KINDS, 'lost', caller, soon());
      const { rows } = await unsealer.query(redeem, [ticket]);
      expect(route.openedIn(rows)).toEqual({ outcome: 'changed', sealed: {} });
    });
  });
});

describe('tickets of both procedures', () => {
  const [former, records] = [FORMER, RECORDS];
  useRecord(records);

  test.each([
    ['the former', former, records],
    ['the new', records, former],
  ])('of %s procedure are refused by the function that redeems the other’s', async (_, issuing, other) => {
    const ticket = await issuedTicket(unsealer, issuing, wallet);
    await expect(unsealer.query(redeemOf(other), [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test.each([
    ['the former', former, records],
    ['the new', records, former],
  ])('of %s procedure are refused once the session began the other', async (_, first, second) => {
    const ticket = await issuedTicket(unsealer, first, wallet);
    const next = await issuedTicket(unsealer, second, wallet);
    await expect(unsealer.query(redeemOf(first), [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    const { rows } = await unsealer.query(redeemOf(second), [next]);
    expect(second.openedIn(rows)).toMatchObject({ outcome: 'granted' });
  });
});

describe('a ticket of several records', () => {
  useRecord(RECORDS);
  const begin = "CALL by_hand.unseal_records($1::json, 'why', 'me', 'request-1', NULL)";
  const itemOf = (kind: Kind, { walletId, chain }: WalletKey) => ({ kind, wallet_id: walletId, chain });

  /** Begins for both kinds of the wallet of the running test, changes something, and redeems. */
  async function outcomesAfter(change: () => Promise<unknown>): Promise<readonly unknown[]> {
    const items = KINDS.map((kind) => itemOf(kind, record));
    const { rows } = await unsealer.query<{ ticket: string }>(begin, [JSON.stringify(items)]);
    await change();
    const redeemed = await unsealer.query<{ results: readonly Record<string, unknown>[] }>(redeemOf(RECORDS), [
      rows[0]?.ticket,
    ]);
    return (redeemed.rows[0]?.results ?? []).map((result) => [result.outcome, ...Object.keys(result).filter((name) => name in MESSAGES)]); // prettier-ignore
  }
  const MESSAGES = { delegated_share: 0, wallet_api_key: 0, server_key_shares: 0 };
  const SHARE = ['granted', 'delegated_share', 'wallet_api_key'];
  const KEY_SHARES = ['granted', 'server_key_shares'];
  const sealKeyShares = async (changes: Partial<NewRecord> = {}) =>
    (await database.store('vault_sealer')).seal(newRecordOf('server-key-shares', record, changes), caller, soon());
  const revoke = async (kind: Kind) =>
    (await database.store('vault_revoker')).revoke(record, [kind], 'lost', caller, soon());

  test('returns exactly the records that it was issued for, each with its own materials', async () => {
    await sealKeyShares();
    await expect(outcomesAfter(() => Promise.resolve())).resolves.toEqual([SHARE, KEY_SHARES]);
  });

  test('returns no record that was sealed after it', async () => {
    await expect(outcomesAfter(sealKeyShares)).resolves.toEqual([SHARE, ['not-found']]);
  });

  test('returns the others if one of its records is revoked meanwhile', async () => {
    await sealKeyShares();
    await expect(outcomesAfter(() => revoke('delegated-share'))).resolves.toEqual([['changed'], KEY_SHARES]);
  });

  test('returns the others if one of its records is replaced meanwhile', async () => {
    const { recordId } = await sealKeyShares();
    const replaced = outcomesAfter(() => sealKeyShares({ supersedes: recordId }));
    await expect(replaced).resolves.toEqual([SHARE, ['changed']]);
  });
});

test('the call in a transaction is refused before anything is looked up', async () => {
  const client = await database.login('vault_unsealer');
  for (const route of ROUTES) {
    await client.query('BEGIN; SAVEPOINT before');
    await expect(client.query(callOf(route), ['w', 'EVM'])).rejects.toMatchObject(IN_A_TRANSACTION);
    await client.query('ROLLBACK TO before');
    const looked = `SELECT sum(idx_scan + seq_scan + n_tup_ins)::integer AS scans FROM pg_stat_xact_all_tables
      WHERE schemaname = 'vault'`;
    await expect(client.query(looked)).resolves.toMatchObject({ rows: [{ scans: 0 }] });
    await client.query('ROLLBACK');
  }
  await client.end();
});
