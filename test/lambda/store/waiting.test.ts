import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { migrate } from '../../../lambda/store/migrate';
import { withWaiting } from '../../../lambda/store/waiting';
import { newWallet } from './fixtures';
import { database, superuser, useStores } from './stores';

useStores([]);

let master: Client;
beforeEach(async () => {
  master = await database.login('share_vault_master');
});
afterEach(() => superuser.query('TRUNCATE vault.delegated_shares, vault.server_key_shares, vault.bodies_to_destroy, vault.unseal_tickets, vault.batch_tickets')); // prettier-ignore

/** Stores a record that was superseded so many days ago. */
async function superseded(days: number, table = 'delegated_shares'): Promise<{ readonly walletId: string }> {
  const { walletId } = newWallet();
  const columns = table === 'delegated_shares' ? ['encrypted_delegated_share', 'encrypted_wallet_api_key'] : ['encrypted_server_key_shares']; // prettier-ignore
  await superuser.query("INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, 'EVM')", [walletId]);
  await superuser.query(
    `INSERT INTO vault.${table} (id, wallet_id, chain, encryption_key_id, superseded_at, superseded_by, ${columns.join()})
      VALUES (gen_random_uuid(), $1, 'EVM', 'key', now() - make_interval(days => $2), gen_random_uuid(),
        ${columns.map(() => "'x'").join()})`,
    [walletId, days],
  );
  return { walletId };
}

const report = async () => withWaiting(await migrate(master), master);
const daysAgo = (since: string | undefined) => (Date.now() - new Date(since ?? 0).getTime()) / 86_400_000;

test('nothing waits in an empty vault', async () => {
  const { waiting } = await report();

  expect(waiting).toEqual({ records: { count: 0 }, bodies: { count: 0 }, tickets: { count: 0 }, overdue: 0 });
});

test('superseded records of both kinds wait, counted from the oldest, and are not overdue before their time', async () => {
  await superseded(3);
  await superseded(29, 'server_key_shares');

  const { waiting } = await report();

  expect(waiting).toMatchObject({ records: { count: 2 }, overdue: 0 });
  expect(daysAgo(waiting?.records.since)).toBeCloseTo(29, 2);
});

test('a record that a sweep can not destroy is overdue two days after its time, and gone after the next sweep', async () => {
  const { walletId } = await superseded(33);
  await superseded(31);
  const other = await database.login('share_vault_master');
  await other.query('BEGIN; SET LOCAL ROLE vault_owner');
  await other.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [walletId]);
  const held = await report();
  await other.query('ROLLBACK');
  const released = await report();

  expect(held.waiting).toMatchObject({ records: { count: 1 }, overdue: 1 });
  expect(released.waiting).toMatchObject({ records: { count: 0 }, overdue: 0 });
});

test('bodies wait until they are destroyed, and are overdue after two days', async () => {
  await superuser.query(
    `INSERT INTO vault.bodies_to_destroy (record_id, wallet_id, chain, queued_at)
      SELECT gen_random_uuid(), 'w', 'EVM', now() - make_interval(days => n) FROM (VALUES (1), (3)) AS days (n)`,
  );

  const { waiting } = await report();

  expect(waiting).toMatchObject({ bodies: { count: 2 }, overdue: 1 });
  expect(daysAgo(waiting?.bodies.since)).toBeCloseTo(3, 2);
});

test('a deploy does not fail if what waits can not be counted, and a warning says so', async () => {
  const migrated = await migrate(master);
  await superuser.query('ALTER FUNCTION vault.waiting_to_be_destroyed() RENAME TO counted');
  const counted = await withWaiting({ ...migrated, warnings: ['another'] }, master);
  await superuser.query('ALTER FUNCTION vault.counted() RENAME TO waiting_to_be_destroyed');

  expect(counted).toEqual({
    ...migrated,
    warnings: ['another', 'items that wait to be destroyed could not be counted'],
  });
});
