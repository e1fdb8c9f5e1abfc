import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import vault from 'node-vault';
import { BODY_PREFIX, type BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import { createBodyStore } from '../../../../lambda/store/bodies/create';
import type { StandIn } from '../../../../local/emulator/elsewhere/stand-in';
import { crc32c } from '../../../../lambda/remote/crc';
import { BodyServices, DESCRIPTIONS, TOKEN } from './elsewhere';

/** The vendors' own clients, unmodified, read the body that the vault wrote. */
let services: BodyServices;
const servers: Server[] = [];
beforeAll(async () => {
  services = await new BodyServices().start();
});
afterAll(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await services.close();
});

const SCRIPT = join(__dirname, '..', '..', '..', 'support', 'secret-clients.mjs');

/** Has a client read a body in a process of its own, which trusts the stand-ins' authority: a test can't load the client. */
async function readBy(client: 'google' | 'azure', input: object): Promise<unknown> {
  const { proxyUrl, caFile } = services.elsewhere;
  const env = { PATH: process.env.PATH, HTTPS_PROXY: proxyUrl, NO_PROXY: '127.0.0.1', NODE_EXTRA_CA_CERTS: caFile };
  const child = spawn(process.execPath, [SCRIPT], { env });
  child.stdin.end(JSON.stringify({ client, token: TOKEN, ...input }));
  const [result, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(problems).toBe('');
  return JSON.parse(result);
}

/** Serves a stand-in over HTTP; returns the port. */
async function serve(standIn: StandIn, host: string): Promise<number> {
  const pass = async (...[request, response]: Parameters<NonNullable<Parameters<typeof createServer>[1]>>) => {
    const { method = 'GET', headers, url = '/' } = request;
    const body = await buffer(request);
    const sent = await standIn.respond({ method, headers, body, url: new URL(url, `https://${host}`) });
    response.writeHead(sent?.status ?? 500, { 'content-type': 'application/json', ...sent?.headers });
    response.end(sent?.body === undefined ? undefined : JSON.stringify(sent.body));
  };
  const server = createServer((request, response) => void pass(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function stored(description: BodyStoreDescription) {
  const [id, body] = [randomUUID(), randomBytes(600)];
  const store = createBodyStore(description, 'dev');
  const version = await store.put(id, body, AbortSignal.timeout(10_000));
  return { id, body, version, store };
}

describe('a stored body is read by', () => {
  test('the client of AWS Secrets Manager', async () => {
    const { id, body, version } = await stored(DESCRIPTIONS['secrets-manager']);
    const client = new SecretsManagerClient({ endpoint: services.aws.url });
    const SecretId = `${BODY_PREFIX.path('dev')}${id}`;
    const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId, VersionId: version }));
    expect(Buffer.from(SecretBinary ?? [])).toEqual(body);
    client.destroy();
  });

  test('the client of Google Secret Manager, with its checksum', async () => {
    const { id, body, version } = await stored(DESCRIPTIONS['google-secret-manager']);
    const port = await serve(services.google, 'secretmanager.googleapis.com');
    const name = `projects/share-vault-dev/secrets/${BODY_PREFIX.dashed('dev')}${id}/versions/${version}`;
    const read = await readBy('google', { port, name });
    expect(read).toEqual({ body: body.toString('base64'), crc32c: crc32c(body) });
  });

  test('the client of Azure Key Vault, over TLS', async () => {
    const { id, body, version } = await stored(DESCRIPTIONS['azure-key-vault']);
    const name = `${BODY_PREFIX.dashed('dev')}${id}`;
    const read = await readBy('azure', { vault: DESCRIPTIONS['azure-key-vault'].vault, name, version });
    expect(read).toEqual({ body: body.toString('base64'), contentType: 'application/octet-stream' });
  });

  test('a client of HashiCorp Vault', async () => {
    const { id, body } = await stored(DESCRIPTIONS['vault-kv']);
    const port = await serve(services.vault, 'vault.example.com:8200');
    const token = services.vault.tokens.issue({ policies: ['bodies'], ttl: 300, role: 'reader' });
    const client = vault({ apiVersion: 'v1', endpoint: `http://127.0.0.1:${port}`, token });
    const read: unknown = await client.read(`kv/data/${BODY_PREFIX.path('dev')}${id}`);
    expect(read).toMatchObject({ data: { data: { body: body.toString('base64') } } });
  });
});
