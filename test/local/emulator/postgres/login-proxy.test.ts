import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { iamPassword } from '../../../../lambda/store/password';
import { createPostgresStore } from '../../../../lambda/store/postgres';
import { VAULT_DATABASE } from '../../../../local/vault/options';
import { startPostgres } from '../../../../local/emulator/postgres';
import { createClientAuthority } from '../../../../local/emulator/postgres/client-certificates';
import { caller, newRecord, newWallet, query } from '../../../lambda/store/fixtures';
import { copyDatabase } from '../../../support/kept-database';
import { soon } from '../../../support/postgres';
import { PRINCIPAL, REGION } from '../signature/support';
import { IamDatabase, eventually, plainClient, request } from './support';

const REFUSED = { code: '28000', message: 'PAM authentication failed for user "vault_unsealer"' };
const USER = 'vault_unsealer';
const CANCEL_REQUEST = 80_877_102;

let database: IamDatabase;
let superuser: Client;
let clients: Client[];
beforeAll(async () => {
  database = await IamDatabase.start();
  superuser = await database.login(database.server.superuser);
});
afterAll(async () => {
  await superuser.end();
  await database.stop();
});
beforeEach(() => {
  clients = [];
  database.decisions.length = 0;
});
afterEach(async () => {
  database.ahead = 0;
  database.failure = undefined;
  database.gate = Promise.resolve();
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
});

async function loggedIn(user = USER): Promise<Client> {
  const client = await database.loginByToken(user);
  clients.push(client);
  return client;
}

/** Returns a client without a time limit; the vault's own allows 3 s for each attempt. */
async function patientClient(user: string): Promise<Client> {
  const ssl = { ca: await readFile(database.server.caFile) };
  const client = plainClient(database.server, { user, password: await database.token(user), ssl });
  clients.push(client);
  return client;
}

async function first(client: Client, text: string, values: unknown[] = []): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text, values, rowMode: 'array' });
  return rows[0]?.[0];
}

const endOf = (client: Client) => new Promise((resolve) => client.once('end', resolve));

describe('a login with a token', () => {
  test('is made by the store with the credentials of its process', async () => {
    const { server, session } = database;
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
    });
    const storeOf = (user: string) =>
      createPostgresStore({ ...server, user, password: iamPassword({ ...server, user }) });
    const sealer = storeOf('vault_sealer');
    const unsealer = storeOf('vault_unsealer');
    const record = newRecord(newWallet());

    await sealer.seal(record, caller, soon());
    const opened = await unsealer.unseal(query(record, { userId: 'user-1' }), caller, soon());
    await Promise.all([sealer.close(), unsealer.close()]);
    process.env = before;

    expect(opened.sealed).toEqual(record.sealed);
    expect(database.decisions).toMatchObject([
      { accepted: true, user: 'vault_sealer', credential: { principal: PRINCIPAL } },
      { accepted: true, user: 'vault_unsealer' },
    ]);
  });

  test('is made as its user, by a certificate for that user only, over TLS 1.3 on both sides', async () => {
    const client = await loggedIn();

    expect(await first(client, 'SELECT session_user')).toBe(USER);
    expect(await first(client, 'SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toBe(`/CN=${USER}`);
    expect(await first(client, 'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toBe('TLSv1.3');
  });

  test.each<[string, () => Promise<string>, string]>([
    ['another user’s token', () => database.token('vault_sealer'), 'other-user'],
    ['a tampered token', async () => (await database.token(USER)).replace('Expires=900', 'Expires=899'), 'tampered'],
    ['half a token', async () => (await database.token(USER)).slice(0, 200), 'malformed'],
    ['a token of 60,000 characters', () => Promise.resolve('x'.repeat(60_000)), 'malformed'],
    ['no token', () => Promise.resolve(''), 'malformed'],
  ])('is refused with %s', async (_what, token, reason) => {
    const attempt = database.login({ user: USER, password: await token() });

    await expect(attempt).rejects.toMatchObject(REFUSED);
    expect(database.decisions).toEqual([{ accepted: false, reason }]);
  });

  test('is refused with an expired token', async () => {
    const password = await database.token(USER);
    database.ahead = 16 * 60_000;

    await expect(database.login({ user: USER, password })).rejects.toMatchObject(REFUSED);
    expect(database.decisions).toEqual([{ accepted: false, reason: 'expired' }]);
  });

  test('is refused if authorisation fails, and is not retried', async () => {
    database.failure = new Error('broken');

    await expect(database.loginByToken(USER)).rejects.toMatchObject({ code: 'XX000' });
  });

  test('that is given up while its token is looked at leaves no session open', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const client = await patientClient(USER);
    database.gate = promise;
    const before = database.asked;
    const given = expect(client.connect()).rejects.toThrow();
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;

    await eventually(async () => database.asked > before);
    stream.destroy();
    await given;
    resolve(undefined);
    await eventually(async () => database.decisions.length === 1);
    // the proxy may notice the closed connection only after the decision
    const sessions = () => first(superuser, 'SELECT count(*) FROM pg_stat_activity WHERE usename = $1', [USER]);
    await eventually(async () => (await sessions()) === '0');

    expect(await sessions()).toBe('0');
  });

  test('is possible many times at once', async () => {
    const users = ['vault_sealer', USER, 'vault_revoker', 'vault_reader', 'vault_auditor'];

    const many = await Promise.all([...users, ...users, ...users, ...users].map(patientClient));
    await Promise.all(many.map((client) => client.connect()));
    const names = await Promise.all(many.map((client) => first(client, 'SELECT session_user')));

    expect(names).toEqual([...users, ...users, ...users, ...users]);
  });

  test('of an unknown user is refused by the server', async () => {
    await expect(database.loginByToken('nobody, CN=vault_owner')).rejects.toMatchObject({ code: '28P01' });
    expect(database.decisions).toMatchObject([{ accepted: true }]);
  });
});

describe('a login with a password', () => {
  test('is made by the master and the superuser at the server itself', async () => {
    const { master } = database.server;
    const client = await database.login(master);
    clients.push(client);

    expect(await first(client, 'SELECT session_user')).toBe(master.user);
    await expect(database.login({ ...master, password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  });

  test('is bound to the channel: the certificate that clients see is the server’s', async () => {
    const { master, caFile } = database.server;
    const ssl = { ca: await readFile(caFile) };
    const client = plainClient(database.server, { ...master, ssl, enableChannelBinding: true });
    clients.push(client);

    await client.connect();

    expect(await first(client, 'SELECT session_user')).toBe(master.user);
  });

  test('is impossible for the vault’s users, at either port', async () => {
    const password = await database.server.setPassword(USER);
    const { serverPort } = database.server;

    await expect(database.login({ user: USER, password })).rejects.toMatchObject(REFUSED);
    await expect(database.login({ user: USER, password, port: serverPort })).rejects.toMatchObject({
      code: '28000',
      message: 'connection requires a valid client certificate',
    });
  });

  test('is not replaced by a certificate of another authority', async () => {
    const { serverPort: port, caFile } = database.server;
    const { certificate: cert, key } = await (await createClientAuthority()).issue(USER);
    const client = plainClient(database.server, { user: USER, port, ssl: { ca: await readFile(caFile), cert, key } });

    await expect(client.connect()).rejects.toThrow(/alert decrypt error|alert unknown ca|ECONNRESET/);
  });
});

describe('what follows a login', () => {
  test('passes unchanged, however large it is', async () => {
    const client = await loggedIn();
    const sent = randomBytes(8 * 1024 * 1024);

    const received = await first(client, 'SELECT $1::bytea || $1::bytea', [sent]);

    expect(Buffer.concat([sent, sent]).equals(received as Buffer)).toBe(true);
  });

  test('can be cancelled, inside TLS, with the secret that the server gave', async () => {
    const client = await loggedIn();
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const key = Buffer.alloc(8);
    key.writeInt32BE(processID);
    key.writeInt32BE(secretKey, 4);
    const cancelled = expect(client.query('SELECT pg_sleep(8)')).rejects.toMatchObject({ code: '57014' });

    const response = await database.sayInside(request(CANCEL_REQUEST, key));

    expect(response).toHaveLength(0);
    await cancelled;
  });

  test('ends at the server when the client breaks off, in the midst of a query', async () => {
    const client = await loggedIn();
    const pid = await first(client, 'SELECT pg_backend_pid()');
    const lost = expect(client.query('SELECT pg_sleep(2)')).rejects.toThrow();
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;

    stream.destroy();

    await lost;
    await eventually(async () => (await first(superuser, 'SELECT count(*) FROM pg_stat_activity WHERE pid = $1', [pid])) === '0'); // prettier-ignore
  });

  test('ends at the client when the server ends it, with the server’s last words', async () => {
    const client = await loggedIn();
    const pid = await first(client, 'SELECT pg_backend_pid()');
    const ended = endOf(client);
    const lost = expect(client.query('SELECT pg_sleep(9)')).rejects.toMatchObject({ code: '57P01' });

    await superuser.query('SELECT pg_terminate_backend($1)', [pid]);

    await lost;
    await ended;
  });
});

describe('a server with IAM logins', () => {
  test('reports its stop to its clients, frees its ports, and starts again', async () => {
    const other = await IamDatabase.start();
    const client = await other.loginByToken(USER);
    const ended = endOf(client);
    const { port, serverPort } = other.server;

    await other.server.stop();
    await other.server.stop();

    await ended;
    const attempts = [port, serverPort].map((each) => other.login({ ...other.server.master, port: each }));
    await expect(attempts[0]).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(attempts[1]).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await other.startServer();
    await (await other.loginByToken(USER)).end();
    await other.stop();
  });

  test('whose port is in use leaves no process', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'share-vault-iam-'));
    await copyDatabase('empty', dataDir);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const iam = { authorise: () => false };

    const start = startPostgres({ dataDir, names: VAULT_DATABASE, port: (taken.address() as AddressInfo).port, iam });

    await expect(start).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await (await startPostgres({ dataDir, names: VAULT_DATABASE, iam })).stop();
    taken.close();
    await rm(dataDir, { recursive: true, force: true });
  });
});
