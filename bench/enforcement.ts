import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient } from '../client/index';
import type { BenchDeployment } from './deployed-process';
import type { Bench, Settings } from './harness/bench';
import { percentile, ratio, takeTurns } from './harness/measure';
import type { Row, Table } from './harness/table';

const ROUNDS = { warmUp: 100, rounds: 300 };
const QUICK_ROUNDS = { warmUp: 10, rounds: 25 };
const STARTS = 3;
/** The last line that `serve` prints before it waits. */
const STARTED = 'Ctrl-C stops it.';
/** An actor of `dev` in cdk.json. */
const ACTOR = 'backend';

/** Deployments whose calls are decided by the template's policies, and those whose signatures are only verified. */
type Way = 'with' | 'without';
const WAYS: readonly Way[] = ['with', 'without'];

/** Compares the cost of deciding every call by the template's policies with that of only verifying its signature. */
export const enforcementBench: Bench = {
  name: 'enforcement',
  run: async (settings) => {
    const children = WAYS.map((way) => fork(join(__dirname, 'deployed-process.ts'), [way], { execArgv: ['--import', 'tsx'] })); // prettier-ignore
    try {
      const [first, second] = await Promise.all(children.map((child) => calls(child)));
      if (first === undefined || second === undefined) throw new Error('expected two deployments, got fewer');
      const compared = await compare({ with: first, without: second }, settings);
      await Promise.all(children.map(stop));
      return [compared, await timeStarts(settings)];
    } finally {
      await Promise.all(children.map(stop));
    }
  },
};

/** The measurements of one deployment. */
interface Calls {
  /** a warm unseal of two materials, by the client, through the endpoint */
  readonly unseal: () => Promise<void>;
  /** one call of KMS that does next to nothing */
  readonly describeKey: () => Promise<unknown>;
}

async function calls(child: ChildProcess): Promise<Calls> {
  const { url: endpoint, region, credentials, intakeKey } = await messageOf(child);
  const kms = new KMSClient({ endpoint, region, credentials });
  const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId: intakeKey.arn }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  const vault = new ShareVaultClient({
    environment: 'dev',
    actor: ACTOR,
    functions: { seal: 'share-vault-dev-seal', unseal: 'share-vault-dev-unseal' },
    intakeKeys: [{ kid: intakeKey.kid, publicKey }],
    lambda: new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 }),
  });
  const wallet = { kind: 'delegated-share', walletId: randomUUID(), chain: 'EVM' } as const;
  await vault.seal({
    ...wallet,
    materials: { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) },
  });
  return {
    unseal: async () => {
      using _ = await vault.unseal({ ...wallet, reason: 'benchmark' });
    },
    describeKey: () => kms.send(new DescribeKeyCommand({ KeyId: intakeKey.arn })),
  };
}

async function compare(deployments: Readonly<Record<Way, Calls>>, settings: Settings): Promise<Table> {
  const rows = [
    await row('warm unseal, 3 calls', 'unseal', deployments, settings),
    await row('one call: kms:DescribeKey', 'describeKey', deployments, settings),
  ];
  return { title: "Enforcement of the template's policies on the local vault, ms", columns: WAYS, rows };
}

async function row(
  label: string,
  call: keyof Calls,
  deployments: Readonly<Record<Way, Calls>>,
  { quick, progress }: Settings,
): Promise<Row> {
  const times = await takeTurns(
    { with: () => time(deployments.with[call]), without: () => time(deployments.without[call]) },
    quick ? QUICK_ROUNDS : ROUNDS,
    (done, of) => progress(`${label}, round ${done} of ${of}`),
  );
  const named = { id: `enforcement/${call}`, heading: 'with / without' };
  return {
    label,
    cells: WAYS.map((way) => percentile(times[way], 50)),
    ratios: [ratio(named, times.with, times.without)],
  };
}

/** Measures from the start of the command to the lines that say how to reach the vault. */
async function timeStarts({ quick, progress }: Settings): Promise<Table> {
  const starts = quick ? 1 : STARTS;
  const times: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    progress(`start ${start} of ${starts}`);
    times.push(await timeStart());
  }
  const rows = [{ label: 'serve', cells: [percentile(times, 50) / 1_000] }];
  return { title: `Start of the local vault (median of ${starts}; under 6), s`, columns: ['start'], rows };
}

async function timeStart(): Promise<number> {
  const started = performance.now();
  const args = ['--import', 'tsx', join(__dirname, '..', 'local', 'cli.ts'), 'serve'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.includes(STARTED)) break;
  }
  const took = performance.now() - started;
  if (!printed.includes(STARTED)) throw new Error(`expected serve to start, got: ${printed}`);
  child.kill('SIGINT');
  await ended;
  return took;
}

function messageOf(child: ChildProcess): Promise<BenchDeployment> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as BenchDeployment));
    child.once('exit', (code) => reject(new Error(`expected a deployment, got exit ${code}`)));
  });
}

async function time(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function stop(child: ChildProcess): Promise<void> {
  if (!child.connected) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
