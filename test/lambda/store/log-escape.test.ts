import { describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { outcomes } from './fixtures';
import { ROUTES, beginOf, callOf, redeemOf } from './routes';
import { database, superuser } from './stores';
import {
  IN_A_TRANSACTION,
  LOGGED,
  NOT_BY_HAND,
  NOT_LOGGED,
  NOT_REDEEMED,
  issuedTicket,
  record,
  unsealer,
  wallet,
  useRecord,
  useWayPastGuard,
} from './unseal-by-hand';

// Attempts by a holder of the unsealer's credentials to read ciphertext without a row in the log.

useWayPastGuard();

describe.each(ROUTES)('$procedure of $kind:', (route) => {
  const call = callOf(route);
  const redeem = redeemOf(route);
  useRecord(route);

  const committedTicket = (client: Client): Promise<string> => issuedTicket(client, route, wallet);

  describe('the intended call', () => {
    test('returns ciphertext after the row is committed', async () => {
      const { rows } = await unsealer.query(call, [...wallet]);
      expect(route.openedIn(rows)).toEqual({ outcome: 'granted', sealed: record.sealed });
      await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
    });

    test('begins, commits and redeems, and leaves the row also past the first guard', async () => {
      const { rows } = await unsealer.query(redeem, [await committedTicket(unsealer)]);
      expect(route.openedIn(rows)).toEqual({ outcome: 'granted', sealed: record.sealed });
      await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
    });
  });

  describe('a transaction that could be rolled back', () => {
    test('refuses the call in a transaction block', async () => {
      await unsealer.query('BEGIN');
      await expect(unsealer.query(call, [...wallet])).rejects.toMatchObject(IN_A_TRANSACTION);
      await unsealer.query('ROLLBACK');
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses the call in a message of several statements', async () => {
      const ofWallet = call.replace('$1', `'${wallet[0]}'`).replace('$2', `'${wallet[1]}'`);
      await expect(unsealer.query(`${ofWallet}; SELECT 1 / 0`)).rejects.toMatchObject(IN_A_TRANSACTION);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses a ticket of the same transaction', async () => {
      await unsealer.query('BEGIN');
      const ticket = await committedTicket(unsealer);
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await unsealer.query('ROLLBACK');
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses a ticket of the same statement', async () => {
      const both = `SELECT r FROM ${beginOf(route, wallet)} AS b, LATERAL vault_api.${route.redeemFunction}(b) AS r`;
      await expect(unsealer.query(both)).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses a ticket of a released savepoint', async () => {
      await unsealer.query('BEGIN; SAVEPOINT before');
      const ticket = await committedTicket(unsealer);
      await unsealer.query('RELEASE before');
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await unsealer.query('ROLLBACK');
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses a ticket of a savepoint that was rolled back before the commit', async () => {
      await unsealer.query('BEGIN; SAVEPOINT before');
      const ticket = await committedTicket(unsealer);
      await unsealer.query('ROLLBACK TO before; COMMIT');
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses a ticket of a transaction that was rolled back', async () => {
      await unsealer.query('BEGIN');
      const ticket = await committedTicket(unsealer);
      await unsealer.query('ROLLBACK');
      await expect(unsealer.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('keeps the row if the redeeming transaction is rolled back', async () => {
      const ticket = await committedTicket(unsealer);
      await unsealer.query('BEGIN');
      await unsealer.query(redeem, [ticket]);
      await unsealer.query('ROLLBACK');
      await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
    });

    test('refuses a read-only transaction, which could not log', async () => {
      await unsealer.query('SET default_transaction_read_only = on');
      await expect(unsealer.query(call, [...wallet])).rejects.toMatchObject({ code: '25006' });
    });

    test('logs durably if the session asked for lazy commits', async () => {
      await unsealer.query('BEGIN; SET LOCAL synchronous_commit = off');
      await committedTicket(unsealer);
      const { rows } = await unsealer.query('SHOW synchronous_commit');
      await unsealer.query('ROLLBACK');
      expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    });
  });

  describe('a block with an exception handler', () => {
    const variables = route.outs.map((_, number) => `o${number}`);
    const block = (body: string) => `DO $do$
      DECLARE ticket uuid; stolen text; ${route.outs.map((type, number) => `o${number} ${type};`).join(' ')}
      BEGIN ${body} END $do$`;
    const begin = () => `SELECT b INTO ticket FROM ${beginOf(route, wallet)} AS b;`;
    const redeemed = `SELECT r::text INTO stolen FROM vault_api.${route.redeemFunction}(ticket) AS r;`;
    const called = () => `CALL vault_api.${route.procedure}(
      ${route.argumentsFor(`'${wallet[0]}'::text`, `'${wallet[1]}'::text`)}, ${variables.join(', ')})`;
    const tell = `RAISE EXCEPTION 'stolen %', concat(stolen, ${variables.join(', ')});`;

    test('refuses to begin what its handler would undo', async () => {
      const undo = `BEGIN ${begin()} RAISE EXCEPTION 'undo'; EXCEPTION WHEN raise_exception THEN NULL; END; COMMIT;`;
      await expect(unsealer.query(block(`${undo} ${redeemed} ${tell}`))).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses to begin inside of the handled block', async () => {
      const body = `BEGIN ${begin()} ${redeemed} EXCEPTION WHEN division_by_zero THEN NULL; END; ${tell}`;
      await expect(unsealer.query(block(body))).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses the call inside of the handled block', async () => {
      const body = `BEGIN ${called()}; EXCEPTION WHEN division_by_zero THEN NULL; END; ${tell}`;
      await expect(unsealer.query(block(body))).rejects.toMatchObject(IN_A_TRANSACTION);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses to begin for a block that would fail after the ciphertext', async () => {
      const body = `${begin()} COMMIT; ${redeemed} ${tell}`;
      await expect(unsealer.query(block(body))).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('refuses the call of a block that would fail after the ciphertext', async () => {
      const body = `BEGIN ${called()}; END; ${tell}`;
      await expect(unsealer.query(block(body))).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });
  });

  describe('a connection that drops', () => {
    test('takes its ticket with it, before the commit', async () => {
      await unsealer.query('BEGIN');
      const ticket = await committedTicket(unsealer);
      await superuser.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE state = 'idle in transaction'",
      );
      const next = await database.login('vault_unsealer');
      await expect(next.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('leaves the row and no ticket, after the commit', async () => {
      const ticket = await committedTicket(unsealer);
      await unsealer.end();
      const next = await database.login('vault_unsealer');
      await expect(next.query(redeem, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
      await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
    });
  });
});
