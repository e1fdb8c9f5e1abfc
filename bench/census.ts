import type { Client } from 'pg';
import { median } from './median';
import { row } from './warm-function';

const RECORDS = 1_000_000;
const ROUNDS = 5;

/**
 * Counts a million records by key and material: from the index, whatever the records hold. Once with a table that was
 * vacuumed, and once as a run's receipt may find it: every record was resealed, and nothing was vacuumed since.
 */
export async function benchCensus(client: Client): Promise<void> {
  await client.query('TRUNCATE vault.wallets, vault.delegated_shares, vault.server_key_shares CASCADE');
  await client.query("INSERT INTO vault.wallets (wallet_id, chain) SELECT n::text, 'EVM' FROM generate_series(1, $1) AS n", [RECORDS]); // prettier-ignore
  await client.query(
    `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
        encryption_key_id, key_material_id, order_ns)
      SELECT gen_random_uuid(), n::text, 'EVM', 'share', 'key', 'key-' || n % 2, repeat((n % 5)::text, 64), 1
        FROM generate_series(1, $1) AS n`,
    [RECORDS],
  );
  await client.query('VACUUM ANALYZE vault.delegated_shares');
  row('census of 1,000,000, s', await seconds(client), '  (at most 1)');
  await client.query('ALTER TABLE vault.delegated_shares SET (autovacuum_enabled = off)');
  await client.query(
    "UPDATE vault.delegated_shares SET key_material_id = repeat('7', 64), encryption_key_id = 'key-2'",
  );
  row('census right after a pass, s', await seconds(client), '  (at most 10)');
}

/** Returns the median of some rounds. */
async function seconds(client: Client): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    await client.query('SELECT * FROM vault_api.census()');
    times.push(performance.now() - started);
  }
  return median(times) / 1_000;
}
