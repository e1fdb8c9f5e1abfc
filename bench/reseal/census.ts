import type { Client } from 'pg';
import type { Row, Table } from '../harness/table';
import { percentile } from '../harness/measure';

const ROUNDS = 5;

/**
 * Counts records by key and material: from the index, whatever the records hold. Once with a table that was vacuumed,
 * and once as a run's receipt may find it: every record was resealed, and nothing was vacuumed since.
 */
export async function census(client: Client, records: number): Promise<Table> {
  await client.query('TRUNCATE vault.wallets, vault.delegated_shares, vault.server_key_shares CASCADE');
  await client.query("INSERT INTO vault.wallets (wallet_id, chain) SELECT n::text, 'EVM' FROM generate_series(1, $1::integer) AS n", [records]); // prettier-ignore
  await client.query(
    `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
        encryption_key_id, key_material_id, order_ns)
      SELECT gen_random_uuid(), n::text, 'EVM', 'share', 'key', 'key-' || n % 2, repeat((n % 5)::text, 64), 1
        FROM generate_series(1, $1::integer) AS n`,
    [records],
  );
  await client.query('VACUUM ANALYZE vault.delegated_shares');
  const rows: Row[] = [{ label: 'after a vacuum', cells: await seconds(client) }];
  await client.query('ALTER TABLE vault.delegated_shares SET (autovacuum_enabled = off)');
  await client.query(
    "UPDATE vault.delegated_shares SET key_material_id = repeat('7', 64), encryption_key_id = 'key-2'",
  );
  rows.push({ label: 'right after a pass', cells: await seconds(client) });
  return {
    title: `Census of ${records.toLocaleString('en-US')} records, seconds`,
    columns: ['p50', 'p90'],
    rows,
    notes: ['of 1,000,000 at most 1 after a vacuum, and at most 10 right after a pass'],
  };
}

async function seconds(client: Client): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    await client.query('SELECT * FROM vault_api.census()');
    times.push((performance.now() - started) / 1_000);
  }
  return [percentile(times, 50), percentile(times, 90)];
}
