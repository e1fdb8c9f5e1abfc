import { createHash } from 'node:crypto';
import { ShareVaultClient } from '../client/index';
import type { Bench } from './harness/bench';
import { percentile } from './harness/measure';

const READS = { full: 20_000, quick: 2_000 };
const TEXT = JSON.stringify({ externalServerKeySharesBackupInfo: 'b'.repeat(2_000) });

/** Measures a read of wallet properties from the client's cache. The function's own read is one of `operation`. */
export const propertiesBench: Bench = {
  name: 'properties',
  run: async ({ quick }) => {
    const times = await cachedReads(quick ? READS.quick : READS.full);
    const cells = [50, 95, 99].map((percent) => percentile(times, percent));
    return [
      {
        title: 'Read of wallet properties of 2 KB from the client’s cache (µs)',
        columns: ['p50', 'p95', 'p99'],
        rows: [{ label: 'cached', cells }],
        notes: ['at most 50 µs'],
      },
    ];
  },
};

/** Returns the time of each read, in microseconds. */
async function cachedReads(count: number): Promise<readonly number[]> {
  const sha256 = createHash('sha256').update(TEXT).digest('hex');
  const response = { version: 1, sha256, createdAt: new Date().toISOString(), walletProperties: TEXT };
  const Payload = Buffer.from(JSON.stringify(response));
  const lambda = { send: () => Promise.resolve({ Payload, $metadata: {} }) };
  const functions = { properties: 'share-vault-dev-properties' };
  const client = new ShareVaultClient({ environment: 'dev', actor: 'bench', functions, lambda });
  const wallet = { walletId: 'wallet', chain: 'EVM' };
  // the first one fills the cache
  await client.walletProperties(wallet);
  const times: number[] = [];
  for (let read = 0; read < count; read += 1) {
    const started = performance.now();
    await client.walletProperties(wallet);
    times.push((performance.now() - started) * 1_000);
  }
  return times;
}
