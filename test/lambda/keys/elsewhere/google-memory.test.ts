import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAwsKmsKey } from '../../../../lambda/keys/aws-kms';
import { createGoogleCloudKmsKey } from '../../../../lambda/keys/elsewhere/google-cloud-kms';
import type { KeyProvider } from '../../../../lambda/keys/provider';
import { GoogleFixture } from '../../../local/emulator/elsewhere/google/support';
import { KmsFixture } from '../../../local/emulator/services/kms/support';
import { type MemoryScan, scanMemory } from '../../../support/memory';
import { runtimeClient } from '../support';
import { describeKey } from './google-support';
import type { KeyUserTask } from './support/google-key-user';

const CONTEXT = new Map([['environment', 'dev']]);
const CALLS = 5;
const LIMIT_MS = 120_000;

interface Scans {
  /** of data keys that the process unwrapped */
  readonly unwrapped: MemoryScan;
  /** of data keys that the process made */
  readonly made: MemoryScan;
}

/** Lets another process unwrap and make data keys, and searches its memory at once, before a garbage collection. */
async function searchAfterCalls(
  provider: KeyProvider,
  key: KeyUserTask['key'],
  env: NodeJS.ProcessEnv = {},
  keep = false,
): Promise<Scans> {
  const sealed = await Promise.all(
    Array.from({ length: CALLS }, () => provider.wrapNewDataKey(CONTEXT, AbortSignal.timeout(20_000))),
  );
  const wrapped = sealed.flatMap((each) =>
    each.wrapped.map(({ providerId: id, providerInfo, ciphertext }) => ({
      id,
      info: Buffer.from(providerInfo).toString('base64'),
      ciphertext: Buffer.from(ciphertext).toString('base64'),
    })),
  );
  const script = join(__dirname, 'support', 'google-key-user.ts');
  const user = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(user, 'exit');
  try {
    const task: KeyUserTask = { key, context: [...CONTEXT], wrapped, keep };
    user.stdin.write(`${JSON.stringify(task)}\n`);
    const [line] = (await once(createInterface({ input: user.stdout }), 'line')) as [string];
    const made = (JSON.parse(line) as string[]).map((hex) => Buffer.from(hex, 'hex').map((byte) => byte ^ 0xff));
    expect(made.map(({ length }) => length)).toEqual(new Array(CALLS).fill(32));
    const scan = (secrets: readonly Uint8Array[]) => scanMemory(user.pid ?? 0, secrets);
    return { unwrapped: scan(sealed.map(({ plaintext }) => plaintext)), made: scan(made) };
  } finally {
    user.stdin.end();
    await ended;
  }
}

const copiesOf = ({ unwrapped, made }: Scans): number => unwrapped.copies + made.copies;

function searches(): void {
  let google = new GoogleFixture();
  let kms = new KmsFixture();
  beforeEach(async () => {
    [google, kms] = await Promise.all([new GoogleFixture().start(), new KmsFixture().start()]);
  });
  afterEach(async () => {
    await google.close();
    await kms.remove();
  });

  const googleScans = (keep = false): Promise<Scans> => {
    const [description, endpoints] = [describeKey(), google.urls];
    return searchAfterCalls(createGoogleCloudKmsKey(description, endpoints), { description, endpoints }, {}, keep);
  };

  const kmsScans = async (): Promise<Scans> => {
    const keyArn = await kms.createKey();
    const env = { AWS_ENDPOINT_URL_KMS: kms.url, AWS_REGION: 'us-east-1' };
    return searchAfterCalls(createAwsKmsKey({ keyArn, client: runtimeClient(kms) }), keyArn, env);
  };

  test(
    'shows data keys that were not wiped',
    async () => {
      expect((await googleScans(true)).unwrapped.raw).toBeGreaterThanOrEqual(2 * CALLS);
    },
    LIMIT_MS,
  );

  test(
    'holds no data key, and base64 of no more than a process that used a key in AWS KMS',
    async () => {
      const [ofKms, ofGoogle] = [await kmsScans(), await googleScans()];

      expect([ofGoogle.unwrapped.raw, ofGoogle.made.raw]).toEqual([0, 0]);
      expect(copiesOf(ofGoogle)).toBeLessThanOrEqual(copiesOf(ofKms));
      expect(ofGoogle.unwrapped.searched).toBeGreaterThan(10_000_000);
    },
    LIMIT_MS,
  );
}

if (process.platform === 'linux') describe('the memory of a process that used a key of Google Cloud', searches);
else test.todo('memory is not searched: expected Linux, got another system');
