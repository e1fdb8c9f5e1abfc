import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import { soon } from '../../support/postgres';
import { caller, newRecordOf } from './fixtures';
import { ROUTES, beginPastGuard, redeemOf } from './routes';
import { database, superuser } from './stores';
import { NOT_REDEEMED, issuedTicket, record, unsealer, useRecord, useWayPastGuard, wallet } from './unseal-by-hand';

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
