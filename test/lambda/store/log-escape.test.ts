import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { soon } from '../../support/postgres';
import { caller, newRecord, outcomes } from './fixtures';
import { database, superuser } from './stores';
import {
  BEGIN_UNSEAL,
  CALL,
  IN_A_TRANSACTION,
  LOGGED,
  NOT_BY_HAND,
  NOT_LOGGED,
  NOT_REDEEMED,
  REDEEM,
  issuedTicket,
  record,
  unsealer,
  wallet,
  useRecord,
} from './unseal-by-hand';

// Attempts by a holder of the unsealer's credentials to read ciphertext without a row in the log.

useRecord();

const committedTicket = (client: Client): Promise<string> => issuedTicket(client, wallet);

describe('the intended call', () => {
  test('returns ciphertext after the row is committed', async () => {
    const { rows } = await unsealer.query(CALL, [...wallet]);
    expect(rows).toMatchObject([{ outcome: 'granted', delegated_share: record.sealed.delegatedShare }]);
    await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
  });

  test('begins, commits and redeems, and leaves the row also past the first guard', async () => {
    const { rows } = await unsealer.query(REDEEM, [await committedTicket(unsealer)]);
    expect(rows).toMatchObject([{ outcome: 'granted', delegated_share: record.sealed.delegatedShare }]);
    await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
  });
});

describe('a transaction that could be rolled back', () => {
  test('refuses the call in a transaction block', async () => {
    await unsealer.query('BEGIN');
    await expect(unsealer.query(CALL, [...wallet])).rejects.toMatchObject(IN_A_TRANSACTION);
    await unsealer.query('ROLLBACK');
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses the call in a message of several statements', async () => {
    const call = CALL.replace('$1', `'${wallet[0]}'`).replace('$2', `'${wallet[1]}'`);
    await expect(unsealer.query(`${call}; SELECT 1 / 0`)).rejects.toMatchObject(IN_A_TRANSACTION);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses a ticket of the same transaction', async () => {
    await unsealer.query('BEGIN');
    const ticket = await committedTicket(unsealer);
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await unsealer.query('ROLLBACK');
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses a ticket of the same statement', async () => {
    const both = `SELECT r.* FROM vault_api.begin_unseal_delegated_share($1, $2, NULL, 'why', 'me', 'request-1') AS b,
      LATERAL vault_api.redeem_delegated_share(b) AS r`;
    await expect(unsealer.query(both, [...wallet])).rejects.toMatchObject(NOT_BY_HAND);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses a ticket of a released savepoint', async () => {
    await unsealer.query('BEGIN; SAVEPOINT before');
    const ticket = await committedTicket(unsealer);
    await unsealer.query('RELEASE before');
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await unsealer.query('ROLLBACK');
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses a ticket of a savepoint that was rolled back before the commit', async () => {
    await unsealer.query('BEGIN; SAVEPOINT before');
    const ticket = await committedTicket(unsealer);
    await unsealer.query('ROLLBACK TO before; COMMIT');
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses a ticket of a transaction that was rolled back', async () => {
    await unsealer.query('BEGIN');
    const ticket = await committedTicket(unsealer);
    await unsealer.query('ROLLBACK');
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('keeps the row if the redeeming transaction is rolled back', async () => {
    const ticket = await committedTicket(unsealer);
    await unsealer.query('BEGIN');
    await unsealer.query(REDEEM, [ticket]);
    await unsealer.query('ROLLBACK');
    await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
  });

  test('refuses a read-only transaction, which could not log', async () => {
    await unsealer.query('SET default_transaction_read_only = on');
    await expect(unsealer.query(CALL, [...wallet])).rejects.toMatchObject({ code: '25006' });
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
  const block = (body: string) => `DO $do$
    DECLARE ticket uuid; stolen bytea;
    BEGIN ${body} END $do$`;
  const begin = () => `SELECT b INTO ticket FROM
    vault_api.begin_unseal_delegated_share('${wallet[0]}', '${wallet[1]}', NULL, 'why', 'me', 'request-1') AS b;`;
  const redeem = 'SELECT r.delegated_share INTO stolen FROM vault_api.redeem_delegated_share(ticket) AS r;';
  const outs = 'DECLARE o text; r uuid; u text; k text; s text; p bytea; a bytea; c bigint;';
  const call = () => `CALL vault_api.unseal_delegated_share('${wallet[0]}', '${wallet[1]}', NULL, 'why', 'me', 'q',
    o, r, u, k, s, p, stolen, a, c)`;
  const tell = "RAISE EXCEPTION 'stolen %', stolen;";

  test('refuses to begin what its handler would undo', async () => {
    const undo = `BEGIN ${begin()} RAISE EXCEPTION 'undo'; EXCEPTION WHEN raise_exception THEN NULL; END; COMMIT;`;
    await expect(unsealer.query(block(`${undo} ${redeem} ${tell}`))).rejects.toMatchObject(NOT_BY_HAND);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses to begin inside of the handled block', async () => {
    const body = `BEGIN ${begin()} ${redeem} EXCEPTION WHEN division_by_zero THEN NULL; END; ${tell}`;
    await expect(unsealer.query(block(body))).rejects.toMatchObject(NOT_BY_HAND);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses the call inside of the handled block', async () => {
    const body = `${outs} BEGIN ${call()}; EXCEPTION WHEN division_by_zero THEN NULL; END; ${tell}`;
    await expect(unsealer.query(block(body))).rejects.toMatchObject(IN_A_TRANSACTION);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses to begin for a block that would fail after the ciphertext', async () => {
    const body = `${begin()} COMMIT; ${redeem} ${tell}`;
    await expect(unsealer.query(block(body))).rejects.toMatchObject(NOT_BY_HAND);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('refuses the call of a block that would fail after the ciphertext', async () => {
    const body = `${outs} BEGIN ${call()}; END; ${tell}`;
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
    await expect(next.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
  });

  test('leaves the row and no ticket, after the commit', async () => {
    const ticket = await committedTicket(unsealer);
    await unsealer.end();
    const next = await database.login('vault_unsealer');
    await expect(next.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
  });
});

describe('a ticket', () => {
  test('is refused when over 5 s old', async () => {
    const ticket = await committedTicket(unsealer);
    await superuser.query(
      "UPDATE vault.unseal_tickets SET issued_at = issued_at - interval '5.1 s' WHERE ticket = $1",
      [ticket],
    );
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test('is refused when it is of the future', async () => {
    const ticket = await committedTicket(unsealer);
    await superuser.query("UPDATE vault.unseal_tickets SET issued_at = issued_at + interval '1 h' WHERE ticket = $1", [
      ticket,
    ]);
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test('is refused in another session of the same role', async () => {
    const ticket = await committedTicket(unsealer);
    const other = await database.login('vault_unsealer');
    await expect(other.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test('is refused to another role on the very same connection', async () => {
    await superuser.query('GRANT EXECUTE ON FUNCTION vault_api.redeem_delegated_share TO vault_reader');
    const session = await database.superuser();
    await session.query('SET SESSION AUTHORIZATION vault_unsealer');
    const ticket = await committedTicket(session);
    await session.query('SET SESSION AUTHORIZATION vault_reader');
    await expect(session.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
    await session.query('SET SESSION AUTHORIZATION vault_unsealer');
    await expect(session.query(REDEEM, [ticket])).resolves.toMatchObject({ rows: [{ outcome: 'granted' }] });
    await superuser.query('REVOKE EXECUTE ON FUNCTION vault_api.redeem_delegated_share FROM vault_reader');
  });

  test('is refused a second time', async () => {
    const ticket = await committedTicket(unsealer);
    await unsealer.query(REDEEM, [ticket]);
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test.each([
    ['transaction', 'BEGIN', 'ROLLBACK'],
    ['savepoint', 'BEGIN; SAVEPOINT before', 'ROLLBACK TO before'],
  ])('is refused a second time after the %s that redeemed it was rolled back', async (_, open, undo) => {
    const ticket = await committedTicket(unsealer);
    await unsealer.query(open);
    await unsealer.query(REDEEM, [ticket]);
    await unsealer.query(undo);
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test('is refused a second time after the session forgot its sequences too', async () => {
    const ticket = await committedTicket(unsealer);
    await unsealer.query('BEGIN');
    await unsealer.query(REDEEM, [ticket]);
    await unsealer.query('ROLLBACK; DISCARD SEQUENCES');
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject({ code: '55000' });
  });

  test('is refused once the session began another', async () => {
    const ticket = await committedTicket(unsealer);
    await committedTicket(unsealer);
    await expect(unsealer.query(REDEEM, [ticket])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test('is refused if it is invented or missing', async () => {
    await committedTicket(unsealer);
    await expect(unsealer.query(REDEEM, [randomUUID()])).rejects.toMatchObject(NOT_REDEEMED);
    await expect(unsealer.query(REDEEM, [null])).rejects.toMatchObject(NOT_REDEEMED);
  });

  test.each([
    ['other-user', (begin: string) => begin.replace('NULL', "'user-2'")],
    ['not-found', (begin: string) => begin.replace('$2', "'SOL'||$2::text")],
  ])('holds the outcome %s until it is redeemed, and no ciphertext', async (outcome, change) => {
    const begun = await unsealer.query<{ ticket: string }>(change(BEGIN_UNSEAL), [...wallet]);
    expect(begun.rows).toEqual([{ ticket: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    const { rows } = await unsealer.query(REDEEM, [begun.rows[0]?.ticket]);
    expect(rows).toMatchObject([{ outcome, record_id: null, delegated_share: null, wallet_api_key: null }]);
  });

  test('returns no ciphertext of a record that was replaced meanwhile', async () => {
    const ticket = await committedTicket(unsealer);
    const next = newRecord(record, { supersedes: record.recordId });
    await (await database.store('vault_sealer')).seal(next, caller, soon());
    const { rows } = await unsealer.query(REDEEM, [ticket]);
    expect(rows).toMatchObject([{ outcome: 'changed', delegated_share: null, wallet_api_key: null }]);
  });

  test('returns no ciphertext of a wallet that was revoked meanwhile', async () => {
    const ticket = await committedTicket(unsealer);
    await (await database.store('vault_revoker')).revoke(record, KINDS, 'lost', caller, soon());
    const { rows } = await unsealer.query(REDEEM, [ticket]);
    expect(rows).toMatchObject([{ outcome: 'changed', delegated_share: null, wallet_api_key: null }]);
  });
});
