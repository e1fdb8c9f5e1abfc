import { beforeEach, describe, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { soon } from '../../support/postgres';
import { caller, outcomes } from './fixtures';
import { RECORDS, ROUTES, beginOf, callOf, redeemOf } from './routes';
import { database, superuser } from './stores';
import {
  LOGGED,
  NOT_ALLOWED,
  NOT_BY_HAND,
  NOT_IN_THIS_ISOLATION,
  NOT_LOGGED,
  issuedTicket,
  record,
  unsealer,
  wallet,
  useRecord,
  useWayPastGuard,
} from './unseal-by-hand';

// Attempts by hand with a database user of the vault; log-escape.test.ts has the attempts with a ticket.

useWayPastGuard();

describe.each(ROUTES)('$procedure of $kind:', (route) => {
  const call = callOf(route);
  useRecord(route);

  describe('beginning by hand', () => {
    const begin = () => beginOf(route, wallet);
    const looksLike = `PL/pgSQL function vault_api.${route.procedure}(text)`;
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const forged = () => quoted(`SELECT ${begin()} /*\n${looksLike} line 1 */`);

    test.each([
      ['in a query', () => `SELECT ${begin()}`],
      ['in a block', () => `DO 'BEGIN PERFORM ${begin().replaceAll("'", "''")}; END'`],
      ['in a block after a commit', () => `DO 'BEGIN COMMIT; PERFORM ${begin().replaceAll("'", "''")}; END'`],
      ['in an argument of the procedure', () => call.replace('$1', begin()).replace('$2', "'EVM'")],
      ['in a query of a function', () => `SELECT query_to_xml(${quoted(`SELECT ${begin()}`)}, true, true, '')`],
      ['in a query that looks like the procedure', () => `SELECT query_to_xml(${forged()}, true, true, '')`],
      ['in a query that is explained', () => `EXPLAIN ANALYZE SELECT ${begin()}`],
      ['in a query that is copied', () => `COPY (SELECT ${begin()}) TO STDOUT`],
      ['in a cursor', () => `BEGIN; DECLARE c CURSOR FOR SELECT ${begin()}; FETCH c`],
      ['with the schema on the search path', () => `SET search_path = vault_api; SELECT ${begin()}`],
    ])('is refused %s, before anything is looked up', async (_, statement) => {
      await expect(unsealer.query(statement())).rejects.toMatchObject(NOT_BY_HAND);
      await unsealer.query('ROLLBACK');
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test.each([
      ['a parameter', `${looksLike} line 1`],
      ['a line of a parameter', `x\n${looksLike} line 1`],
      ['two lines of a parameter', `x\n${looksLike}\nx`],
    ])('is refused if %s, which the session shows in its errors, looks like the procedure', async (_, parameter) => {
      await unsealer.query('SET log_parameter_max_length_on_error = -1');
      await expect(unsealer.query(`SELECT ${begin()}, $1::text`, [parameter])).rejects.toMatchObject(NOT_BY_HAND);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test('is refused in a transaction, whose statistics would reveal the result', async () => {
      const looked = `SELECT sum(idx_tup_fetch + seq_tup_read + n_tup_upd) AS rows FROM pg_stat_xact_all_tables
        WHERE schemaname = 'vault'`;
      await unsealer.query('BEGIN; SAVEPOINT before');
      await expect(unsealer.query(`SELECT ${begin()}`)).rejects.toMatchObject(NOT_BY_HAND);
      await unsealer.query('ROLLBACK TO before');
      await expect(unsealer.query(looked)).resolves.toMatchObject({ rows: [{ rows: expect.stringMatching(/^0?$/) }] });
      await unsealer.query('ROLLBACK');
    });

    test.each([
      ['reason', "'why'", "repeat('x', 201)"],
      ['actor', "'me'", "E'\\u0001'"],
      ['request id', "'request-1'", "' '"],
    ])(
      'of the procedure with a %s that no log takes fails alike for a known and an unknown wallet',
      async (_, value, bad) => {
        const errorOf = (id: string): Promise<unknown> => {
          const attempt = unsealer.query(call.replace(value, bad), [id, 'EVM']);
          return attempt.catch((error: unknown) => error instanceof DatabaseError && [error.code, error.where]);
        };

        const known = await errorOf(wallet[0]);

        expect(known).toEqual([expect.stringMatching(/^2/), expect.stringContaining(route.procedure)]);
        await expect(errorOf('no wallet')).resolves.toEqual(known);
      },
    );

    test('of the procedure prints nothing that its planner knows', async () => {
      const printed: (string | undefined)[] = [];
      unsealer.on('notice', ({ where }) => printed.push(where));
      await unsealer.query('SET client_min_messages = log; SET debug_print_plan = on');
      await unsealer.query(call, [...wallet]);
      expect(printed.length).toBeGreaterThan(0);
      expect(printed.filter((where) => /function \S*(begin|redeem)_/.test(where ?? ''))).toEqual([]);
    });
  });

  describe('an isolation level that shows the past', () => {
    test.each(['REPEATABLE READ', 'SERIALIZABLE'])('%s is refused to the call', async (level) => {
      await unsealer.query(`SET default_transaction_isolation = '${level.toLowerCase()}'`);
      await expect(unsealer.query(call, [...wallet])).rejects.toMatchObject(NOT_IN_THIS_ISOLATION);
      await expect(outcomes(superuser, record)).resolves.toEqual(NOT_LOGGED);
    });

    test.each(['REPEATABLE READ', 'SERIALIZABLE'])('%s is refused to a ticket, revoked since or not', async (level) => {
      const ticket = await issuedTicket(unsealer, route, wallet);
      await unsealer.query(`BEGIN ISOLATION LEVEL ${level}; SELECT 1`);
      await (await database.store('vault_revoker')).revoke(record, KINDS, 'lost', caller, soon());
      await expect(unsealer.query(redeemOf(route), [ticket])).rejects.toMatchObject(NOT_IN_THIS_ISOLATION);
      await unsealer.query('ROLLBACK');
    });
  });

  describe('names that shadow', () => {
    test('refuses a temporary table', async () => {
      const shadow = 'CREATE TEMPORARY TABLE share_access_log (LIKE vault.share_access_log)';
      await expect(unsealer.query(shadow)).rejects.toMatchObject(NOT_ALLOWED);
    });

    test('logs to the tables of the vault even if temporary tables of the same names could be made', async () => {
      await superuser.query('GRANT TEMPORARY ON DATABASE share_vault TO vault_unsealer');
      await unsealer.query('CREATE TEMPORARY TABLE share_access_log (id integer)');
      await unsealer.query('CREATE TEMPORARY TABLE wallets (wallet_id text, chain text, log_length bigint)');
      await unsealer.query('CREATE TEMPORARY TABLE delegated_shares (id integer)');
      await unsealer.query('CREATE TEMPORARY TABLE server_key_shares (id integer)');
      await unsealer.query(`CREATE TEMPORARY TABLE ${route.tickets} (backend_pid integer)`);
      await unsealer.query('SET search_path = pg_temp, vault_api, pg_catalog');
      const { rows } = await unsealer.query(call, [...wallet]);
      await superuser.query('REVOKE TEMPORARY ON DATABASE share_vault FROM vault_unsealer');
      expect(route.openedIn(rows)).toEqual({ outcome: 'granted', sealed: record.sealed });
      await expect(outcomes(superuser, record)).resolves.toEqual(LOGGED);
    });

    test.each(['public', 'vault', 'vault_api'])('refuses functions of its own in %s', async (schema) => {
      const shadow = `CREATE FUNCTION ${schema}.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN $1`;
      await expect(unsealer.query(shadow)).rejects.toMatchObject(NOT_ALLOWED);
    });

    test('refuses schemas of its own', async () => {
      await expect(unsealer.query('CREATE SCHEMA mine')).rejects.toMatchObject(NOT_ALLOWED);
    });
  });
});

describe('the log of attempts on unknown wallets', () => {
  useRecord(RECORDS);
  const ATTEMPTS = 10_000;
  const sweep = 'SELECT vault_api.destroy_expired()::integer AS destroyed';
  beforeEach(async () => {
    await superuser.query('TRUNCATE vault.unknown_wallet_log');
  });

  test('forgets those of over 30 days ago', async () => {
    await unsealer.query(callOf(RECORDS), ['no wallet', 'EVM']);
    await superuser.query("UPDATE vault.unknown_wallet_log SET at = now() - interval '29 days'");
    await expect(superuser.query(sweep)).resolves.toMatchObject({ rows: [{ destroyed: 0 }] });
    await superuser.query("UPDATE vault.unknown_wallet_log SET at = now() - interval '31 days'");
    await expect(superuser.query(sweep)).resolves.toMatchObject({ rows: [{ destroyed: 1 }] });
  });

  test('has only the last 10000, and their number', async () => {
    await superuser.query('ALTER SEQUENCE vault.unknown_wallet_serial RESTART');
    await superuser.query(
      "SELECT vault.log_unknown_wallet('wallet ' || n, 'EVM', 'signer', 'r', 'why') FROM generate_series(1, $1::integer) AS n",
      [ATTEMPTS + 3],
    );
    const { rows } = await superuser.query<{ first: string; last: string; count: string }>(
      'SELECT min(sequence) AS first, max(sequence) AS last, count(*) FROM vault.unknown_wallet_log',
    );
    expect(rows).toEqual([{ first: '4', last: `${ATTEMPTS + 3}`, count: `${ATTEMPTS}` }]);
  });

  test('keeps an attempt that committed before one with an earlier number', async () => {
    const attempt = "SELECT vault.log_unknown_wallet('wallet', 'EVM', 'signer', 'r', 'why')";
    await superuser.query(`ALTER SEQUENCE vault.unknown_wallet_serial RESTART WITH ${ATTEMPTS + 1}`);
    await superuser.query(attempt);
    await superuser.query('ALTER SEQUENCE vault.unknown_wallet_serial RESTART');
    await superuser.query(attempt);
    const { rows } = await superuser.query('SELECT sequence FROM vault.unknown_wallet_log');
    expect(rows).toEqual([{ sequence: `${ATTEMPTS + 1}` }]);
  });
});
