import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAwsKmsKey } from '../../../../lambda/keys/aws-kms';
import type { KeyProvider } from '../../../../lambda/keys/provider';
import { createServerAuthority } from '../../../../local/emulator/server-authority';
import { AzureServer, OPENER, TENANT } from '../../../local/emulator/elsewhere/azure/support';
import { KmsFixture } from '../../../local/emulator/services/kms/support';
import { scanMemory } from '../../../support/memory';
import { runtimeClient } from '../support';
import { type Backend, startAzureKeys } from './azure-support';
import type { KeyUserTask } from './support/key-user';

const CONTEXT = new Map([['environment', 'dev']]);
const UNWRAPS = 5;
/** A search finds a data key's copy in parts of 16 bytes. */
const PARTS = 2;
/**
 * Copies in base64 that no code of the runtime can reach: one in the socket's buffer of each response, until it is
 * collected, and those in the buffers of OpenSSL and of the stack. A string of each response would add one a response.
 */
const UNREACHABLE = UNWRAPS + 3;
const LOGIN = { tenant: TENANT, client: OPENER };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** Has another process unwrap data keys, and searches its memory at once, before a garbage collection. */
async function searchAfter(key: KeyProvider, task: Omit<KeyUserTask, 'wrapped'>, variables: NodeJS.ProcessEnv) {
  const soon = () => AbortSignal.timeout(30_000);
  const made = await Promise.all(Array.from({ length: UNWRAPS }, () => key.wrapNewDataKey(CONTEXT, soon())));
  const wrapped = made.flatMap(({ wrapped: each }) =>
    each.map(({ providerInfo, ciphertext }) => ({
      providerInfo: base64(providerInfo),
      ciphertext: base64(ciphertext),
    })),
  );
  const script = join(__dirname, 'support', 'key-user.ts');
  const env = { ...process.env, ...variables };
  const user = spawn(process.execPath, ['--import', 'tsx', script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(user, 'exit');
  try {
    user.stdin.write(`${JSON.stringify({ ...task, wrapped })}\n`);
    const [bytes] = (await once(createInterface({ input: user.stdout }), 'line')) as [string];
    const secrets = made.map(({ plaintext }) => plaintext);
    const { raw, copies } = scanMemory(user.pid ?? 0, secrets);
    return { bytes: Number(bytes), raw, copies };
  } finally {
    user.stdin.end();
    await ended;
  }
}

/** Serves a local endpoint over TLS, as AWS serves KMS: TLS has buffers of its own. */
async function serveOverTls(target: string) {
  const authority = await createServerAuthority('a local endpoint');
  const { certificate: cert, key } = await authority.issue(['127.0.0.1']);
  const { hostname, port } = new URL(target);
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: tlsPort } = server.address() as AddressInfo;
  const dir = mkdtempSync(join(tmpdir(), 'authority-'));
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, authority.ca);
  return {
    variables: { AWS_ENDPOINT_URL: `https://127.0.0.1:${tlsPort}`, NODE_EXTRA_CA_CERTS: caFile },
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
      rmSync(dir, { recursive: true });
    },
  };
}

function searches(): void {
  const server = new AzureServer();
  beforeAll(async () => {
    await server.start();
  });
  afterAll(() => server.close());

  test(`holds as much after ${UNWRAPS} unwraps with KMS, whose client is another`, async () => {
    await using kms = await new KmsFixture().start();
    using tls = await serveOverTls(kms.url);
    const keyArn = await kms.createKey();
    const key = createAwsKmsKey({ keyArn, client: runtimeClient(kms) });

    const found = await searchAfter(key, { provider: 'aws-kms', key: keyArn, ...LOGIN }, tls.variables);

    expect(found).toMatchObject({ bytes: 32 * UNWRAPS, raw: 0 });
    expect(found.copies).toBeLessThanOrEqual(UNREACHABLE * PARTS);
  });

  test.each<Backend>(['azure-key-vault', 'azure-managed-hsm'])(
    `holds no bytes of a data key after ${UNWRAPS} unwraps with %s, and base64 only out of reach`,
    async (provider) => {
      const { key, id } = await startAzureKeys(server, provider);
      const variables = { NODE_EXTRA_CA_CERTS: server.elsewhere.caFile };

      const found = await searchAfter(key, { provider, key: id, ...LOGIN }, variables);

      expect(found).toMatchObject({ bytes: 32 * UNWRAPS, raw: 0 });
      expect(found.copies).toBeLessThanOrEqual(UNREACHABLE * PARTS);
    },
  );
}

if (process.platform === 'linux') describe('the memory of a process', searches);
else test.todo('memory is not searched: expected Linux, got another system');
