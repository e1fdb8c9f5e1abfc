import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { migrate } from '../../../lambda/store/migrate';
import { TestDatabase, soon } from '../../support/postgres';
import {
  at,
  caller,
  deliveredRecord,
  insertExpired,
  insertServerKeyShares,
  newDelivery,
  newRecord,
  newWallet,
  query,
} from './fixtures';
import { ROUTES } from './routes';
import { issuedTicket, openWayPastGuard } from './unseal-by-hand';

/** Wallets and transports of one batch. */
const WALLETS = 500;
const TRANSPORTS = 5_000;

let database: TestDatabase;
let superuser: Client;
beforeAll(async () => {
  database = await TestDatabase.start();
});
beforeEach(async () => {
  superuser = await database.superuser();
  // a session that waits for another's lock fails, instead of hanging
  await superuser.query("SET lock_timeout = '2s'");
});
afterEach(async () => {
  await database.disconnect();
  superuser = await database.superuser();
  await superuser.query(
    `TRUNCATE vault.delegated_shares, vault.server_key_shares, vault.seal_transports, vault.unseal_tickets, vault.batch_tickets,
      vault.unknown_wallet_log`,
  );
  await database.disconnect();
});
afterAll(() => database.stop());

/** Wallets with a live record each, and one superseded so many days ago. */
async function makeWallets(count: number, days: number, prefix = 'swept'): Promise<void> {
  await superuser.query(
    `INSERT INTO vault.wallets (wallet_id, chain) SELECT $2 || n, 'EVM' FROM generate_series(1, $1) AS n
      ON CONFLICT DO NOTHING`,
    [count, prefix],
  );
  await superuser.query(
    `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
        encryption_key_id, superseded_at, superseded_by)
      SELECT gen_random_uuid(), $3 || n, 'EVM', 's', 'k', 'key', at, CASE WHEN at IS NOT NULL THEN gen_random_uuid() END
        FROM generate_series(1, $1) AS n, (VALUES (NULL), (now() - make_interval(days => $2))) AS times (at)`,
    [count, days, prefix],
  );
}

async function makeTransports(count: number, days: number): Promise<void> {
  await superuser.query(
    `INSERT INTO vault.seal_transports (jti, record_id, seen_at)
      SELECT 'transport-id-' || n || '-' || $2::integer, gen_random_uuid(), now() - make_interval(days => $2)
        FROM generate_series(1, $1) AS n`,
    [count, days],
  );
}

/** Runs as the owner, as migrations do. */
async function batch(client: Client): Promise<number> {
  const { rows } = await client.query<{ destroyed: string }>('SELECT vault_api.destroy_expired() AS destroyed');
  return Number(rows[0]?.destroyed);
}

/** Sweeps until a batch finds nothing. */
async function batches(): Promise<readonly number[]> {
  const destroyed = await batch(superuser);
  return destroyed === 0 ? [0] : [destroyed, ...(await batches())];
}

async function countOf(table: string): Promise<number> {
  const { rows } = await superuser.query<{ count: string }>(`SELECT count(*) FROM vault.${table}`);
  return Number(rows[0]?.count);
}

describe('a batch', () => {
  test('destroys what was superseded over 30 days ago, of at most 500 wallets', async () => {
    await makeWallets(2 * WALLETS + 7, 31);
    await expect(batches()).resolves.toEqual([WALLETS, WALLETS, 7, 0]);
    await expect(countOf('delegated_shares')).resolves.toBe(2 * WALLETS + 7);
  });

  test('leaves what was superseded less than 30 days ago', async () => {
    await makeWallets(3, 29);
    await expect(batches()).resolves.toEqual([0]);
    await expect(countOf('delegated_shares')).resolves.toBe(6);
  });

  test('destroys server key shares too', async () => {
    await makeWallets(1, 29);
    await superuser.query(
      `INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id,
          superseded_at, superseded_by)
        VALUES (gen_random_uuid(), 'swept1', 'EVM', 'x', 'key', now() - interval '31 days', gen_random_uuid())`,
    );
    await expect(batches()).resolves.toEqual([1, 0]);
  });

  test('forgets transports of records that are gone, at most 5000', async () => {
    await makeTransports(TRANSPORTS + 3, 31);
    await makeTransports(2, 29);
    await expect(batches()).resolves.toEqual([TRANSPORTS, 3, 0]);
    await expect(countOf('seal_transports')).resolves.toBe(2);
  });

  test('keeps transports of records that exist, and every delivery', async () => {
    const sealer = await database.store('vault_sealer');
    const receiver = await database.store('vault_receiver');
    await sealer.seal(newRecord(newWallet()), caller, soon());
    await receiver.receiveRevoked(newWallet(), newDelivery(at(1)), soon());
    await superuser.query("UPDATE vault.seal_transports SET seen_at = now() - interval '1 year'");
    await superuser.query("UPDATE vault.webhook_events SET received_at = now() - interval '1 year'");
    const deliveries = await countOf('webhook_events');
    await expect(batches()).resolves.toEqual([0]);
    await expect(countOf('seal_transports')).resolves.toBe(2);
    await expect(countOf('webhook_events')).resolves.toBe(deliveries);
  });

  test('keeps transports of server key shares that exist', async () => {
    const wallet = newWallet();
    await (await database.store('vault_sealer')).seal(newRecord(wallet), caller, soon());
    const keyShares = await insertServerKeyShares(superuser, wallet);
    await superuser.query("UPDATE vault.seal_transports SET record_id = $1, seen_at = now() - interval '1 year'", [
      keyShares,
    ]);

    await expect(batches()).resolves.toEqual([0]);

    await expect(countOf('seal_transports')).resolves.toBe(2);
  });

  test('forgets tickets of both procedures that were not redeemed', async () => {
    const record = newRecord(newWallet());
    await (await database.store('vault_sealer')).seal(record, caller, soon());
    await openWayPastGuard(superuser);
    const client = await database.login('vault_unsealer');
    for (const route of ROUTES) await issuedTicket(client, route, [record.walletId, record.chain]);
    const age = (by: string) =>
      superuser.query(`UPDATE vault.unseal_tickets SET issued_at = now() - interval '${by}';
        UPDATE vault.batch_tickets SET issued_at = now() - interval '${by}'`);
    const left = () => Promise.all([countOf('unseal_tickets'), countOf('batch_tickets')]);
    await age('30 seconds');
    await batch(superuser);
    await expect(left()).resolves.toEqual([1, 1]);
    await age('2 minutes');
    await batch(superuser);
    await expect(left()).resolves.toEqual([0, 0]);
  });
});

test('every index is unique, of the documented schema, or used by some call', async () => {
  await makeWallets(2_000, 29);
  await makeTransports(TRANSPORTS, 29);
  await superuser.query(
    `INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id)
      SELECT id, wallet_id, chain, 'x', 'key' FROM vault.delegated_shares WHERE superseded_at IS NULL`,
  );
  await superuser.query('ANALYZE');
  const record = newRecord({ walletId: 'swept7', chain: 'EVM' });
  await (await database.store('vault_receiver')).receiveRevoked(record, newDelivery(at(1)), soon());
  await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
  await (await database.store('vault_auditor')).records(record, soon());
  await (await database.store('vault_revoker')).revoke(record, KINDS, 'lost', caller, soon());
  const asAuditor = await database.login('vault_auditor');
  // few of many have a tombstone, as in a vault
  await superuser.query('ANALYZE vault.wallets');
  await asAuditor.query('SELECT * FROM vault_api.list_tombstones(NULL, NULL, NULL, 1)');
  const asRevoker = await database.login('vault_revoker');
  await asRevoker.query('SELECT * FROM vault_api.pending_tombstones(1)');
  const asResealer = await database.login('vault_resealer');
  await asResealer.query("SELECT vault_api.start_reseal('run', 'key', '')");
  await asResealer.query("CALL vault_api.reseal_records('run', '{key}', 1, 'q', NULL)");
  await batch(superuser);
  // a session's counts are added when it ends
  await database.disconnect();
  superuser = await database.superuser();
  const unused = `SELECT indexrelname FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
    WHERE schemaname = 'vault' AND idx_scan = 0 AND NOT indisunique ORDER BY 1`;
  const { rows } = await superuser.query<{ indexrelname: string }>(unused);
  expect(rows.map(({ indexrelname }) => indexrelname)).toEqual(['idx_created_at', 'idx_user_wallet']);
});

/** Returns the wallets, by name and chain, of a table's superseded records. */
async function expiredIn(table: string): Promise<readonly string[]> {
  const query = `SELECT wallet_id || ' ' || chain AS wallet FROM vault.${table} WHERE superseded_at IS NOT NULL ORDER BY 1`;
  return (await superuser.query<{ wallet: string }>(query)).rows.map(({ wallet }) => wallet);
}

test('a seal destroys what expired of its own wallet and chain only, and forgets the transports of that', async () => {
  const sealer = await database.store('vault_sealer');
  const own = { walletId: 'expired-1', chain: 'EVM' };
  await insertExpired(superuser, own);
  await insertExpired(superuser, { ...own, chain: 'SVM' });
  await insertExpired(superuser, { ...own, walletId: 'expired-2' });

  await sealer.seal(newRecord(own), caller, soon());

  await expect(expiredIn('delegated_shares')).resolves.toEqual(['expired-1 SVM', 'expired-2 EVM']);
  await expect(expiredIn('server_key_shares')).resolves.toEqual(['expired-1 SVM', 'expired-2 EVM']);
  // two of each neighbour's, and two of the seal's own
  await expect(countOf('seal_transports')).resolves.toBe(6);
});

describe('during other work,', () => {
  test('a busy wallet is passed over, and swept when it is free', async () => {
    await makeWallets(3, 31);
    const busy = await database.superuser();
    await busy.query('BEGIN');
    await busy.query("SELECT FROM vault.wallets WHERE wallet_id = 'swept2' FOR NO KEY UPDATE");
    await expect(batches()).resolves.toEqual([2, 0]);
    await busy.query('ROLLBACK');
    await expect(batches()).resolves.toEqual([1, 0]);
  });

  test('a ticket and a transport in use are passed over', async () => {
    await makeTransports(1, 31);
    await superuser.query(
      `INSERT INTO vault.unseal_tickets (backend_pid, ticket, serial, outcome, login_role, begun_in, actor, issued_at)
        VALUES (1, gen_random_uuid(), 1, 'not-found', 'vault_unsealer', '1', 'signer', now() - interval '1 hour')`,
    );
    await superuser.query(
      `INSERT INTO vault.batch_tickets (backend_pid, ticket, serial, kinds, outcomes, record_ids, login_role, begun_in, actor, issued_at)
        VALUES (1, gen_random_uuid(), 1, '{}', '{}', '{}', 'vault_unsealer', '1', 'signer', now() - interval '1 hour')`,
    );
    const busy = await database.superuser();
    await busy.query('BEGIN');
    await busy.query('SELECT FROM vault.unseal_tickets FOR UPDATE');
    await busy.query('SELECT FROM vault.batch_tickets FOR UPDATE');
    await busy.query('SELECT FROM vault.seal_transports FOR UPDATE');
    await expect(batches()).resolves.toEqual([0]);
    await busy.query('ROLLBACK');
  });

  test('a wallet without anything expired is served while a batch is under way', async () => {
    await makeWallets(3, 31);
    const other = deliveredRecord(newWallet());
    const receiver = await database.store('vault_receiver');
    const sweeping = await database.superuser();
    await sweeping.query('BEGIN');
    await expect(batch(sweeping)).resolves.toBe(3);
    await expect(receiver.receiveCreated(other, newDelivery(at(1)), soon())).resolves.toBe('sealed');
    await sweeping.query('ROLLBACK');
  });

  test('a wallet that is swept is waited for, and its live record read', async () => {
    await makeWallets(1, 31);
    const unsealer = await database.store('vault_unsealer');
    const sweeping = await database.superuser();
    await sweeping.query('BEGIN');
    await expect(batch(sweeping)).resolves.toBe(1);
    const reading = unsealer.unseal(query({ walletId: 'swept1', chain: 'EVM' }), caller, soon());
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_unsealer'";
    while ((await superuser.query(waiting)).rowCount === 0) await sleep(5);
    await sweeping.query('COMMIT');
    await expect(reading).resolves.toMatchObject({ accessCount: 1 });
  });
});

describe('migrate', () => {
  test('sweeps until nothing is left, a transaction for each batch', async () => {
    await makeWallets(WALLETS + 1, 31);
    const master = await database.login('share_vault_master');
    await migrate(master);
    await expect(countOf('delegated_shares')).resolves.toBe(WALLETS + 1);
    await expect(batches()).resolves.toEqual([0]);
  });

  test('keeps the completed batches if a later one fails', async () => {
    await makeWallets(WALLETS + 1, 31);
    // the last wallet is not swept in the first batch, and refuses to be in the second
    await superuser.query(
      `CREATE FUNCTION public.refuse_last() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM vault.delegated_shares WHERE superseded_at IS NOT NULL) <= 1 THEN
          RAISE EXCEPTION 'expected another, got the last';
        END IF;
        RETURN OLD;
      END $$`,
    );
    await superuser.query(
      `CREATE TRIGGER refuse_last BEFORE DELETE ON vault.delegated_shares
        FOR EACH ROW EXECUTE FUNCTION public.refuse_last()`,
    );
    const master = await database.login('share_vault_master');
    await expect(migrate(master)).rejects.toThrowWithCode('InternalError');
    await superuser.query('DROP FUNCTION public.refuse_last() CASCADE');
    await expect(batches()).resolves.toEqual([1, 0]);
  });

  test('leaves the rest to the next run if its time is short', async () => {
    await makeWallets(2, 31);
    const master = await database.login('share_vault_master');
    await expect(migrate(master, { deadline: deadlineIn(5_000) })).resolves.toMatchObject({ applied: [] });
    await expect(batches()).resolves.toEqual([2, 0]);
  });
});
