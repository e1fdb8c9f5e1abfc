import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient } from '../client/index';
import type { BenchDeployment } from './deployed-process';
import { median } from './median';

const ROUNDS = 300;
const WARM_UP = 100;
const STARTS = 3;
/** The last line that `serve` prints before it waits. */
const STARTED = 'Ctrl-C stops it.';
/** An actor of `dev` in cdk.json. */
const ACTOR = 'backend';

type Subject = 'with' | 'without';
const SUBJECTS: readonly Subject[] = ['with', 'without'];

/** Compares the cost of deciding every call by the template's policies with that of only verifying its signature. */
export async function benchEnforcement(): Promise<void> {
  const children = SUBJECTS.map((subject) => fork(join(__dirname, 'deployed-process.ts'), [subject], { execArgv: ['--import', 'tsx'] })); // prettier-ignore
  try {
    const [first, second] = await Promise.all(children.map((child) => calls(child)));
    if (first === undefined || second === undefined) throw new Error('expected two deployments, got fewer');
    await compare({ with: first, without: second });
  } finally {
    await Promise.all(children.map(stop));
  }
  await timeStarts();
}

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

async function compare(deployments: Readonly<Record<Subject, Calls>>): Promise<void> {
  const times = { unseal: { with: [] as number[], without: [] as number[] }, describeKey: { with: [] as number[], without: [] as number[] } }; // prettier-ignore
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const call of ['unseal', 'describeKey'] as const) {
      for (const subject of SUBJECTS) {
        const took = await time(deployments[subject][call]);
        if (round >= 0) times[call][subject].push(took);
      }
    }
  }
  console.log(`\nEnforcement of the template's policies (median of ${ROUNDS}, ms: with, without, difference)\n`);
  line('warm unseal, 3 calls', times.unseal);
  line('one call: kms:DescribeKey', times.describeKey);
}

function line(label: string, times: Readonly<Record<Subject, readonly number[]>>): void {
  const [enforced, open] = [median(times.with), median(times.without)];
  const columns = [enforced, open, enforced - open].map((ms) => ms.toFixed(2).padStart(7)).join('');
  console.log(`  ${label.padEnd(30)}${columns}`);
}

/** Measures from the start of the command to the lines that say how to reach the vault. */
async function timeStarts(): Promise<void> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) times.push(await timeStart());
  const seconds = (median(times) / 1_000).toFixed(2).padStart(7);
  console.log(`  ${'start of serve, s'.padEnd(30)}${seconds}  (median of ${STARTS}; under 6)`);
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
