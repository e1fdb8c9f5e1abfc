import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Client } from 'pg';
import { deadlineIn } from '../lambda/invocation/deadline';
import { resealStep } from '../lambda/invocation/reseal-step';
import type { ResealParts } from '../lambda/invocation/reseals';
import { createAwsKmsKey } from '../lambda/keys/aws-kms';
import { createKmsClient } from '../lambda/keys/kms-client';
import type { KeyProvider } from '../lambda/keys/provider';
import { createShareKeys } from '../lambda/keys/share-keys';
import { connect } from '../lambda/store/connection';
import { PostgresReseals } from '../lambda/store/reseals';
import { Session } from '../lambda/store/session';
import { benchCensus } from './census';
import { median } from './median';
import type { BenchLogin, ResealBench } from './reseal/process';
import { ENVIRONMENT, localKey, makeRecords } from './reseal/records';
import { row } from './warm-function';

const ROUNDS = 5;
const RECORDS = 500;
const SIZES = [1_000, 10_000, 100_000] as const;
const OLD = 'a0'.repeat(32);

/**
 * Reseals delegated shares of two materials: records a second over the local KMS and over a key of this process, which
 * leaves the database's part; and this process's memory while it reseals more and more records.
 */
export async function benchReseal(): Promise<void> {
  const child = fork(join(__dirname, 'reseal', 'process.ts'), [], { execArgv: ['--import', 'tsx'] });
  try {
    const bench = await new Promise<ResealBench>((resolve, reject) => {
      child.once('message', (message) => resolve(message as ResealBench));
      child.once('exit', (code) => reject(new Error(`expected parts, got exit ${code}`)));
    });
    await compare(bench);
  } finally {
    await stop(child);
  }
}

async function compare(bench: ResealBench): Promise<void> {
  const client = await connect(settingsOf(bench.superuser), deadlineIn(60_000));
  const reseals = new PostgresReseals(new Session(settingsOf(bench.resealer)));
  console.log('\nReseal of delegated shares of two materials on the local parts, one worker\n');
  const [former, present] = await kmsKeys(bench.kmsUrl);
  const kms = await rates(client, reseals, former, present);
  const local = await rates(client, reseals, localKey('bench-former', OLD), localKey('bench-present', OLD));
  row('records a second', kms.rate, '  (at least 100)');
  row('processor time of each, ms', kms.processor, '  (of the worker; at most 10, whatever else runs)');
  row('without calls to KMS', local.rate);
  row('processor time of each, ms', local.processor);
  for (const size of SIZES) await memory(client, reseals, size);
  await benchCensus(client);
  await client.end();
}

const settingsOf = ({ password, ...login }: BenchLogin) => ({ ...login, password: async () => password });

async function kmsKeys(endpoint: string): Promise<readonly [KeyProvider, KeyProvider]> {
  const config = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' },
  };
  const [admin, client] = [new KMSClient(config), createKmsClient(config)];
  const create = async () => {
    const { KeyMetadata } = await admin.send(new CreateKeyCommand());
    return createAwsKmsKey({ keyArn: KeyMetadata?.Arn ?? '', client });
  };
  return [await create(), await create()];
}

/** Medians of some rounds: records a second, and this process's processor time for each in milliseconds. */
async function rates(client: Client, reseals: PostgresReseals, former: KeyProvider, present: KeyProvider) {
  const [rate, processor]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    await makeRecords(client, RECORDS, former, OLD);
    const [started, used] = [performance.now(), process.cpuUsage()];
    await resealAll(reseals, former, present);
    rate.push(RECORDS / ((performance.now() - started) / 1_000));
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1_000 / RECORDS);
  }
  return { rate: median(rate), processor: median(processor) };
}

async function memory(client: Client, reseals: PostgresReseals, size: number): Promise<void> {
  const [former, present] = [localKey(`former-${size}`, OLD), localKey(`present-${size}`, OLD)];
  await makeRecords(client, size, former, OLD);
  const before = retained();
  const started = performance.now();
  let [most, resident] = [0, 0];
  await resealAll(reseals, former, present, () => {
    const { heapUsed, external, rss } = process.memoryUsage();
    [most, resident] = [Math.max(most, heapUsed + external), Math.max(resident, rss)];
  });
  const seconds = (performance.now() - started) / 1_000;
  const note = `  (resident ${(resident / 2 ** 20).toFixed(0)} MB, ${(size / seconds).toFixed(0)} records a second)`;
  row(`most memory at ${size}, MB`, most / 2 ** 20, note);
  row('kept after a collection, MB', (retained() - before) / 2 ** 20, '  (beside what was kept before)');
}

/** Bytes in use after a garbage collection. V8 puts collections off as long as it has room, so the peaks say nothing of leaks. */
function retained(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function resealAll(
  reseals: PostgresReseals,
  former: KeyProvider,
  present: KeyProvider,
  report: () => void = () => undefined,
): Promise<void> {
  const parts: ResealParts = {
    environment: ENVIRONMENT,
    reseals,
    shareKey: bothOf(present, former),
    keyIds: [present.keyId, former.keyId],
    // '': any material of the key is on target
    currentMaterialId: async () => '',
    observedKey: () => present,
  };
  const run = randomUUID();
  for (;;) {
    const call = { run, requestId: 'bench', deadline: deadlineIn(330_000) };
    const { next, failed } = await resealStep(call, parts, report);
    if (failed > 0) throw new Error(`expected no failure, got ${failed}`);
    if (next === 'receipt') return;
  }
}

function bothOf(present: KeyProvider, former: KeyProvider): KeyProvider {
  return createShareKeys(present, [former]);
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else resolve();
  });
}
