import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import vault from 'node-vault';
import { BODY_PREFIX, type BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import { createBodyStore } from '../../../../lambda/store/bodies/create';
import type { StandIn } from '../../../../local/emulator/elsewhere/stand-in';
import { BodyServices, DESCRIPTIONS } from './elsewhere';

/** The vendors' own clients, unmodified, read the body that the vault wrote. They reach the stand-ins over plain HTTP. */
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

  test('a client of HashiCorp Vault', async () => {
    const { id, body } = await stored(DESCRIPTIONS['vault-kv']);
    const port = await serve(services.vault, 'vault.example.com:8200');
    const token = services.vault.tokens.issue({ policies: ['bodies'], ttl: 300, role: 'reader' });
    const client = vault({ apiVersion: 'v1', endpoint: `http://127.0.0.1:${port}`, token });
    const read: unknown = await client.read(`kv/data/${BODY_PREFIX.path('dev')}${id}`);
    expect(read).toMatchObject({ data: { data: { body: body.toString('base64') } } });
  });
});
