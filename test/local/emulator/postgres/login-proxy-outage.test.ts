import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type ServerCertificate, createCertificate } from '../../../../local/emulator/postgres/certificates';
import { createClientAuthority } from '../../../../local/emulator/postgres/client-certificates';
import { type LoginProxy, startLoginProxy } from '../../../../local/emulator/postgres/login-proxy';

/** Stand-in for the server behind the proxy; each test sets its behaviour. */
let behind: Server;
let proxy: LoginProxy;
let sockets: Socket[];
let own: ServerCertificate;
let strange: ServerCertificate;
beforeAll(async () => {
  [own, strange] = await Promise.all([createCertificate(['localhost']), createCertificate(['localhost'])]);
});
afterEach(async () => {
  await proxy.close();
  for (const socket of sockets) socket.destroy();
  behind.close();
});

async function start(serve: (socket: Socket) => void, attach = true): Promise<Client> {
  sockets = [];
  behind = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  proxy = await startLoginProxy({
    server: { port: (behind.address() as AddressInfo).port, host: 'localhost', ca: own.ca },
    ...own,
    authority: await createClientAuthority(),
    passwordUsers: ['master'],
    // long enough to reach the server on a slow machine, short enough to wait for a silent one
    loginTimeoutMs: 2_000,
  });
  if (attach) proxy.attach(() => false);
  const client = new Client({
    host: 'localhost',
    port: proxy.port,
    user: 'master',
    password: 'x',
    ssl: { ca: own.ca },
  });
  client.on('error', () => undefined);
  return client;
}

/** Accepts TLS with a certificate of another authority. */
function impersonate(socket: Socket): void {
  const tls = createTlsServer({ cert: strange.certificate, key: strange.key });
  tls.on('tlsClientError', () => undefined);
  socket.once('data', () => {
    socket.write('S');
    tls.emit('connection', socket);
  });
}

describe('a client of a server that', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
    ['declines TLS', (socket) => socket.write('N')],
    ['falls silent in the TLS handshake', (socket) => socket.write('S')],
    ['hangs up in the TLS handshake', (socket) => socket.end('S')],
    ['is another', impersonate],
  ])('%s gets the error that the database is not available', async (_what, serve) => {
    const client = await start(serve);

    await expect(client.connect()).rejects.toMatchObject({ code: '57P03' });
  });

  test('accepts no logins yet gets the error that the database is starting', async () => {
    const client = await start(() => undefined, false);

    await expect(client.connect()).rejects.toMatchObject({
      code: '57P03',
      message: expect.stringMatching(/starting up/),
    });
  });

  test('does not run gets the error that the database is not available', async () => {
    const client = await start(() => undefined);
    behind.close();

    await expect(client.connect()).rejects.toMatchObject({ code: '57P03' });
  });
});
