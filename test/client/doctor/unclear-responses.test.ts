import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { createClients } from '../../../client/commands/doctor/clients';
import { read } from '../../../client/commands/doctor/read';
import { probePlain, probeTls12 } from '../../../client/commands/doctor/tls-probe';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  servers.splice(0).forEach((server) => server.close());
});

async function listen(response: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    response(socket);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** ErrorResponse of PostgreSQL's protocol. */
function failure(code: string, message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`;
  const packet = Buffer.alloc(5);
  packet.write('E');
  packet.writeUInt32BE(4 + fields.length, 1);
  return Buffer.concat([packet, Buffer.from(fields)]);
}

describe('a database that gives doctor no clear response', () => {
  test.each<[what: string, response: (socket: Socket) => void]>([
    ['closes the connection', (socket) => socket.once('data', () => socket.end())],
    ['is starting', (socket) => socket.end(failure('57P03', 'the database system is starting up'))],
    ['has no connection left', (socket) => socket.end(failure('53300', 'sorry, too many clients already'))],
    ['says nothing', () => undefined],
  ])('is not taken for one that refuses a login without TLS if it %s', async (_what, response) => {
    expect(await probePlain('127.0.0.1', await listen(response), 'vault')).toBe('unclear');
  });

  test('is taken for one that refuses a login without TLS if no rule of its own admits one', async () => {
    const port = await listen((socket) => socket.end(failure('28000', 'no pg_hba.conf entry for host, no encryption')));

    expect(await probePlain('127.0.0.1', port, 'vault')).toBe('refused');
  });

  test.each<[what: string, response: (socket: Socket) => void]>([
    ['closes the connection', (socket) => socket.once('data', () => socket.end())],
    ['closes it after it has agreed to TLS', (socket) => socket.once('data', () => socket.end('S'))],
  ])('is not taken for one that refuses TLS 1.2 if it %s', async (_what, response) => {
    expect(await probeTls12('127.0.0.1', await listen(response))).toBe('unclear');
  });
});

describe('a service that accepts connections and says nothing', () => {
  test('is reported, and not waited for', async () => {
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${await listen(() => undefined)}`;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'unused' });
    const { sts } = createClients('eu-central-1', { connectionTimeout: 500, requestTimeout: 100 });

    const got = await read('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));

    expect(got).toMatchObject({ error: 'TimeoutError', reason: expect.stringMatching(/^sts:GetCallerIdentity: /) });
  }, 10_000);
});
