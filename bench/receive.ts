import { type ChildProcess, fork } from 'node:child_process';
import { createPublicKey, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createdBody, deliveryHeaders, sealMaterials } from '../client/delivery';
import type { BenchWebhook } from './receive-process';

const DELIVERIES = 500;
const CONCURRENCY = 20;

/**
 * Measures a burst of deliveries to the local webhook, from the HTTP request to the committed row: none may be lost, none
 * doubled. The first ones start the function's processes, as in AWS, and are listed separately.
 */
export async function benchReceive(): Promise<void> {
  const child = fork(join(__dirname, 'receive-process.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    const webhook = await new Promise<BenchWebhook>((resolve, reject) => {
      child.once('message', (message) => resolve(message as BenchWebhook));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    const cold = await deliver(webhook, CONCURRENCY);
    const warm = await deliver(webhook, DELIVERIES);
    print(cold, warm, await countRows(webhook));
  } finally {
    await stop(child);
  }
}

interface Burst {
  /** of each delivery, in milliseconds, rising */
  readonly times: readonly number[];
  /** of all of them together, in milliseconds */
  readonly elapsed: number;
}

/** Throws unless the response to every delivery is `Sealed`. */
async function deliver(webhook: BenchWebhook, count: number): Promise<Burst> {
  const bodies = Array.from({ length: count }, () => makeBody(webhook));
  const times: number[] = [];
  const started = performance.now();
  const worker = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) times.push(await post(webhook, body));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return { times: times.sort((a, b) => a - b), elapsed: performance.now() - started };
}

function makeBody({ publicKey, kid }: BenchWebhook): Buffer {
  const wallet = { walletId: randomUUID(), userId: randomUUID(), chain: 'EVM', publicKey: '0x00' };
  const materials = { delegatedShare: randomBytes(457), walletApiKey: randomBytes(51) };
  return createdBody(wallet, sealMaterials(materials, { publicKey: createPublicKey(publicKey), kid }));
}

/** Returns the milliseconds until the response. */
async function post({ url, secret }: BenchWebhook, body: Buffer): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, { method: 'POST', headers: deliveryHeaders(body, secret), body: new Uint8Array(body) }); // prettier-ignore
  const { code } = (await response.json()) as { readonly code?: string };
  if (code !== 'Sealed') throw new Error(`expected Sealed, got ${response.status} ${String(code)}`);
  return performance.now() - started;
}

interface Rows {
  readonly shares: number;
  readonly wallets: number;
  readonly log: number;
  readonly events: number;
}

/** Throws unless there is one of each for every delivery. */
async function countRows({ database: { caFile, ...login } }: BenchWebhook): Promise<Rows> {
  const client = new Client({ ...login, ssl: { ca: readFileSync(caFile), minVersion: 'TLSv1.3' } });
  await client.connect();
  const { rows } = await client.query<Rows>(
    `SELECT (SELECT count(*)::int FROM vault.delegated_shares) AS shares,
      (SELECT count(DISTINCT wallet_id)::int FROM vault.delegated_shares WHERE superseded_at IS NULL) AS wallets,
      (SELECT count(*)::int FROM vault.share_access_log WHERE action = 'seal' AND outcome = 'sealed') AS log,
      (SELECT count(*)::int FROM vault.webhook_events WHERE outcome = 'sealed') AS events`,
  );
  await client.end();
  const [counted] = rows;
  const expected = DELIVERIES + CONCURRENCY;
  if (counted === undefined || Object.values(counted).some((count) => count !== expected)) {
    throw new Error(`expected ${expected} of each kind of row, got ${JSON.stringify(counted)}`);
  }
  return counted;
}

function print(cold: Burst, warm: Burst, { shares, wallets, log, events }: Rows): void {
  const row = (label: string, { times }: Burst): string =>
    `  ${label.padEnd(28)}${[0.5, 0.9, 0.99, 1].map((share) => quantile(times, share).toFixed(1).padStart(9)).join('')}`;
  const perSecond = (warm.times.length / warm.elapsed) * 1_000;
  console.log(`\nDeliveries to the local webhook, ${CONCURRENCY} at a time (ms)\n`);
  console.log(`  ${''.padEnd(28)}${['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(9)).join('')}`);
  console.log(row(`the first ${cold.times.length}, cold`, cold));
  console.log(row(`${warm.times.length} more`, warm));
  console.log(`\n  ${perSecond.toFixed(0)} deliveries a second on this machine, caller included`);
  console.log(`  none lost, none doubled: ${shares} records of ${wallets} wallets, ${log} log rows, ${events} events`);
}

/** The smallest value that this share of all values does not exceed. */
function quantile(rising: readonly number[], share: number): number {
  return rising[Math.ceil(rising.length * share) - 1] ?? Number.NaN;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else resolve();
  });
}
