import { type ChildProcess, fork } from 'node:child_process';
import { createPublicKey, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createdBody, deliveryHeaders, sealMaterials } from '../client/delivery';
import type { Bench, Settings } from './harness/bench';
import { percentile } from './harness/measure';
import type { Table } from './harness/table';
import type { BenchWebhook } from './receive-process';

const DELIVERIES = { full: 500, quick: 60 };
const CONCURRENCY = 20;

/**
 * Measures a burst of deliveries to the local webhook, from the HTTP request to the committed row: none may be lost, none
 * doubled. The first ones start the function's processes, as in AWS, and are listed separately.
 */
export const receiveBench: Bench = {
  name: 'receive',
  run: async ({ quick, progress }) => [await measureBurst(quick ? DELIVERIES.quick : DELIVERIES.full, progress)],
};

async function measureBurst(deliveries: number, progress: Settings['progress']): Promise<Table> {
  const child = fork(join(__dirname, 'receive-process.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    const webhook = await new Promise<BenchWebhook>((resolve, reject) => {
      child.once('message', (message) => resolve(message as BenchWebhook));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    progress(`receive: the first ${CONCURRENCY}`);
    const cold = await deliver(webhook, CONCURRENCY);
    progress(`receive: ${deliveries} more`);
    const warm = await deliver(webhook, deliveries);
    return tableOf(cold, warm, await countRows(webhook, deliveries + CONCURRENCY));
  } finally {
    await stop(child);
  }
}

interface Burst {
  /** of each delivery, in milliseconds */
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
  return { times, elapsed: performance.now() - started };
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

/** Throws unless there is one of each for every delivery: `expected` of them. */
async function countRows({ database: { caFile, ...login } }: BenchWebhook, expected: number): Promise<Rows> {
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
  if (counted === undefined || Object.values(counted).some((count) => count !== expected)) {
    throw new Error(`expected ${expected} of each kind of row, got ${JSON.stringify(counted)}`);
  }
  return counted;
}

function tableOf(cold: Burst, warm: Burst, { shares, wallets, log, events }: Rows): Table {
  const cells = ({ times }: Burst): readonly number[] => [50, 90, 99, 100].map((percent) => percentile(times, percent));
  const perSecond = (warm.times.length / warm.elapsed) * 1_000;
  return {
    title: `Deliveries to the local webhook, ${CONCURRENCY} at a time (ms)`,
    columns: ['p50', 'p90', 'p99', 'max'],
    rows: [
      { label: `the first ${cold.times.length}, cold`, cells: cells(cold) },
      { label: `${warm.times.length} more`, cells: cells(warm) },
    ],
    notes: [
      `${perSecond.toFixed(0)} deliveries a second on this machine, caller included`,
      `none lost, none doubled: ${shares} records of ${wallets} wallets, ${log} log rows, ${events} events`,
    ],
  };
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else resolve();
  });
}
