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
import type { Bench, Settings } from './harness/bench';
import { percentile, ratio, takeTurns } from './harness/measure';
import type { Row, Table } from './harness/table';
import { census } from './reseal/census';
import type { BenchLogin, ResealBench } from './reseal/process';
import { ENVIRONMENT, localKey, makeRecords } from './reseal/records';

const OLD = 'a0'.repeat(32);

interface Choice {
  readonly rounds: number;
  /** of a round */
  readonly records: number;
  /** records of the runs whose memory is measured */
  readonly sizes: readonly number[];
  readonly counted: number;
}

const WHOLE: Choice = { rounds: 5, records: 500, sizes: [1_000, 10_000, 100_000], counted: 1_000_000 };
const QUICK: Choice = { rounds: 2, records: 100, sizes: [], counted: 10_000 };

/**
 * Reseals delegated shares of two materials: records a second over the local KMS and over a key of this process, which
 * leaves the database's part; and this process's memory while it reseals more and more records. Then the census.
 */
export const resealBench: Bench = {
  name: 'reseal',
  run: async ({ quick, progress }) => {
    const child = fork(join(__dirname, 'reseal', 'process.ts'), [], { execArgv: ['--import', 'tsx'] });
    try {
      const bench = await new Promise<ResealBench>((resolve, reject) => {
        child.once('message', (message) => resolve(message as ResealBench));
        child.once('exit', (code) => reject(new Error(`expected parts, got exit ${code}`)));
      });
      return await tables(bench, quick ? QUICK : WHOLE, progress);
    } finally {
      await stop(child);
    }
  },
};

async function tables(bench: ResealBench, choice: Choice, progress: Settings['progress']): Promise<readonly Table[]> {
  const client = await connect(settingsOf(bench.superuser), deadlineIn(60_000));
  const reseals = new PostgresReseals(new Session(settingsOf(bench.resealer)));
  const memories: Row[] = [];
  const found = [await rates(bench, client, reseals, choice, progress)];
  for (const size of choice.sizes) {
    progress(`${size} records`);
    memories.push(await memory(client, reseals, size));
  }
  if (memories.length > 0) found.push({ title: 'Memory of a reseal, MB', columns: ['most', 'kept', 'resident', 'records/s'], rows: memories, notes: ['kept: after a garbage collection, beside what was kept before'] }); // prettier-ignore
  progress('census');
  found.push(await census(client, choice.counted));
  await client.end();
  return found;
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

/** Compares reseals over KMS with those over a key of this process, in turn. */
async function rates(
  { kmsUrl }: ResealBench,
  client: Client,
  reseals: PostgresReseals,
  { rounds, records }: Choice,
  progress: Settings['progress'],
): Promise<Table> {
  const keys = {
    kms: await kmsKeys(kmsUrl),
    local: [localKey('bench-former', OLD), localKey('bench-present', OLD)] as const,
  };
  const processor: Record<keyof typeof keys, number[]> = { kms: [], local: [] };
  const way = (name: keyof typeof keys) => async (): Promise<number> => {
    const [former, present] = keys[name];
    await makeRecords(client, records, former, OLD);
    const [started, used] = [performance.now(), process.cpuUsage()];
    await resealAll(reseals, former, present);
    const each = (performance.now() - started) / records;
    const { user, system } = process.cpuUsage(used);
    processor[name].push((user + system) / 1_000 / records);
    return each;
  };
  const times = await takeTurns({ kms: way('kms'), local: way('local') }, { warmUp: 0, rounds }, (done, of) =>
    progress(`round ${done + 1} of ${of}`),
  );
  const cells = (name: keyof typeof keys): readonly number[] => [
    1_000 / percentile(times[name], 50),
    percentile(times[name], 50),
    percentile(processor[name], 50),
  ];
  const whole = ratio({ id: 'reseal/kms/local', heading: 'KMS / own key' }, times.kms, times.local);
  return {
    title: 'Reseal of delegated shares of two materials, one worker',
    columns: ['records/s', 'ms each', 'processor ms each'],
    rows: [
      { label: 'over the local KMS', cells: cells('kms'), ratios: [whole] },
      { label: 'without calls to KMS', cells: cells('local') },
    ],
    notes: ['over KMS at least 100 records a second; processor: of the worker, at most 10 ms, whatever else runs'],
  };
}

async function memory(client: Client, reseals: PostgresReseals, size: number): Promise<Row> {
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
  const megabytes = [most, retained() - before, resident].map((bytes) => bytes / 2 ** 20);
  return { label: `${size.toLocaleString('en-US')} records`, cells: [...megabytes, size / seconds] };
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
