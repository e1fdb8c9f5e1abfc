import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Server, createServer } from 'node:tls';
import { createVaultTransitKey } from '../../../../lambda/keys/elsewhere/vault-transit';
import { createAwsKmsKey } from '../../../../lambda/keys/aws-kms';
import type { KeyProvider } from '../../../../lambda/keys/provider';
import { createCertificate } from '../../../../local/emulator/postgres/certificates';
import { VaultFixture } from '../../../local/emulator/elsewhere/vault/support';
import { KmsFixture } from '../../../local/emulator/services/kms/support';
import { type MemoryScan, scanMemory } from '../../../support/memory';
import { runtimeClient } from '../support';
import type { UnwrapTask } from './support/unwrapper';
import { describeKey } from './vault-support';

const CONTEXT = new Map([['environment', 'dev']]);
const CALLS = 5;

interface Scans {
  /** of data keys that the process unwrapped */
  readonly unwrapped: MemoryScan;
  /** of data keys that the process made */
  readonly wrapped: MemoryScan;
}

/** Lets another process unwrap and make data keys, and searches its memory at once, before a garbage collection. */
async function searchAfterCalls(
  provider: KeyProvider,
  key: UnwrapTask['key'],
  env: NodeJS.ProcessEnv,
  keep = false,
): Promise<Scans> {
  const made = await Promise.all(
    Array.from({ length: CALLS }, () => provider.wrapNewDataKey(CONTEXT, AbortSignal.timeout(10_000))),
  );
  const wrapped = made.flatMap((each) =>
    each.wrapped.map(({ providerId: id, providerInfo, ciphertext }) => ({
      id,
      info: Buffer.from(providerInfo).toString('base64'),
      ciphertext: Buffer.from(ciphertext).toString('base64'),
    })),
  );
  const script = join(__dirname, 'support', 'unwrapper.ts');
  const unwrapper = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(unwrapper, 'exit');
  try {
    const task: UnwrapTask = { key, context: [...CONTEXT], wrapped, keep };
    unwrapper.stdin.write(`${JSON.stringify(task)}\n`);
    const [line] = (await once(createInterface({ input: unwrapper.stdout }), 'line')) as [string];
    const flipped = (JSON.parse(line) as string[]).map((hex) => Buffer.from(hex, 'hex').map((byte) => byte ^ 0xff));
    expect(flipped.map(({ length }) => length)).toEqual(new Array(CALLS).fill(32));
    const scan = (secrets: readonly Uint8Array[]): MemoryScan => scanMemory(unwrapper.pid ?? 0, secrets);
    return { unwrapped: scan(made.map(({ plaintext }) => plaintext)), wrapped: scan(flipped) };
  } finally {
    unwrapper.stdin.end();
    await ended;
  }
}

/** Serves an HTTP server over TLS, as AWS does. */
async function startTls(
  port: number,
  certificate: { readonly certificate: string; readonly key: string },
): Promise<Server> {
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (socket) => {
    const upstream = connect(port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function searches(): void {
  let vault: VaultFixture;
  let kms: KmsFixture;
  beforeEach(async () => {
    [vault, kms] = await Promise.all([new VaultFixture().start(), new KmsFixture().start()]);
  });
  afterEach(async () => {
    await vault.close();
    await kms.remove();
  });

  const vaultScans = (keep = false): Promise<Scans> => {
    const description = describeKey(vault);
    return searchAfterCalls(createVaultTransitKey(description), description, {}, keep);
  };

  const kmsScans = async (): Promise<Scans> => {
    const keyArn = await kms.createKey();
    const { ca, ...certificate } = await createCertificate(['127.0.0.1']);
    const server = await startTls(Number(new URL(kms.url).port), certificate);
    const caFile = join(kms.dataDir, 'ca.pem');
    writeFileSync(caFile, ca);
    const env = {
      AWS_ENDPOINT_URL_KMS: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      NODE_EXTRA_CA_CERTS: caFile,
    };
    try {
      return await searchAfterCalls(createAwsKmsKey({ keyArn, client: runtimeClient(kms) }), keyArn, env);
    } finally {
      server.close();
    }
  };

  test('shows data keys that were not wiped', async () => {
    expect((await vaultScans(true)).unwrapped.raw).toBeGreaterThanOrEqual(2 * CALLS);
  });

  test('holds no data key, and base64 of fewer than a process that used a key in AWS KMS', async () => {
    const [ofKms, ofVault] = [await kmsScans(), await vaultScans()];

    expect([ofVault.unwrapped.raw, ofVault.wrapped.raw]).toEqual([0, 0]);
    expect(copiesOf(ofVault)).toBeLessThanOrEqual(copiesOf(ofKms));
    expect(ofVault.unwrapped.searched).toBeGreaterThan(10_000_000);
  });
}

// what is left is of TLS and of parsers: neither AWS's client nor Node lets go of it earlier
const copiesOf = ({ unwrapped, wrapped }: Scans): number => unwrapped.copies + wrapped.copies;

if (process.platform === 'linux') describe('the memory of a process that used a key elsewhere', searches);
else test.todo('memory is not searched: expected Linux, got another system');
