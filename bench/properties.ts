import type { Client } from 'pg';
import { ShareVaultClient } from '../client/index';
import { readPropertiesResponse } from '../client/responses';
import { median } from './median';
import type { BenchVault } from './vault-process';
import { connect, contextOf, medians, row, withVault } from './warm-function';

const CACHED_READS = 20_000;

/**
 * Compares a warm read of wallet properties (2 KB) through the handler with the bare call of the database that it needs,
 * and measures a read from the client's cache.
 */
export function benchProperties(): Promise<void> {
  return withVault('properties', compare);
}

async function compare(vault: BenchVault): Promise<void> {
  // only now: the handler reads its environment when first called
  const { handler } = await import('../lambda/properties');
  const database = await connect(vault);
  const { walletId, chain } = vault;
  const read = (request: object) => handler({ walletId, chain, ...request }, contextOf(vault));
  const response = await read({});
  const { sha256 } = readPropertiesResponse(response, undefined);

  const { whole, unchanged, rows } = await medians({
    rows: () => callDatabase(database, vault),
    whole: () => read({}),
    unchanged: () => read({ ifNoneMatch: sha256 }),
  });
  const cached = await cachedRead(vault, response);
  await database.end();

  console.log('\nWarm read of wallet properties of 2 KB on the local parts (median, ms)\n');
  row('through the handler', whole);
  row('the same, not modified', unchanged);
  row('bare database call', rows);
  row('handler / bare call', whole / rows, '  (at most 1.3)');
  row("from the client's cache, in µs", cached, '  (at most 50)');
}

/** Returns the median time of a read from the cache, in microseconds. */
async function cachedRead({ walletId, chain }: BenchVault, response: unknown): Promise<number> {
  const Payload = Buffer.from(JSON.stringify(response));
  const lambda = { send: () => Promise.resolve({ Payload, $metadata: {} }) };
  const functions = { properties: 'share-vault-dev-properties' };
  const client = new ShareVaultClient({ environment: 'dev', actor: 'bench', functions, lambda });
  const times: number[] = [];
  for (let read = 0; read < CACHED_READS; read += 1) {
    const started = performance.now();
    await client.walletProperties({ walletId, chain });
    times.push((performance.now() - started) * 1_000);
  }
  return median(times);
}

async function callDatabase(client: Client, { walletId, chain }: BenchVault): Promise<void> {
  await client.query('SELECT * FROM vault_api.read_properties_unless($1, $2, NULL, NULL)', [walletId, chain]);
}
