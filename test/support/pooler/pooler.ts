import type { Socket } from 'node:net';
import { type AddressInfo, createServer } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';
import {
  PASSWORD_REQUEST,
  TLS_ACCEPTED,
  readPassword,
  readStartupMessage,
} from '../../../local/emulator/postgres/startup';
import { PooledClient } from './client';
import { LOGGED_IN, errorResponse } from './messages';
import { type ServerLogin, ServerPool } from './server-pool';

export interface PoolerOptions {
  readonly certificate: string;
  readonly key: string;
  /** Returns how to log in to the database as a user. */
  readonly login: (user: string) => Promise<ServerLogin>;
  /** The most connections to the database for one user. */
  readonly maxServers: number;
  /** how long a client waits for one of them @default 60000 */
  readonly borrowTimeoutMs?: number;
}

export interface Pooler {
  readonly port: number;
  /** Statements by which RDS Proxy would pin a client to one connection; named ones count too. */
  readonly pinning: readonly string[];
  /** Number of connections to the database. */
  readonly servers: () => number;
  close(): Promise<void>;
}

/**
 * Starts a pooler of transactions with the properties of RDS Proxy that matter: TLS, a login that it checks itself, a
 * refusal of `options` in the start-up message, and a connection to the database for each user that goes back to the
 * pool as soon as the server is ready outside a transaction. It listens on loopback only.
 */
export async function startPooler(options: PoolerOptions): Promise<Pooler> {
  const pinning: string[] = [];
  const pool = new ServerPool(options.login, options.maxServers, options.borrowTimeoutMs ?? 60_000);
  const sockets = new Set<Socket>();
  const tls = createTlsServer({ cert: options.certificate, key: options.key, minVersion: 'TLSv1.3' });
  tls.on('tlsClientError', (_, socket) => socket.destroy());
  tls.on('secureConnection', (client) => {
    client.on('error', () => undefined);
    logIn(client, options).then(
      (user) => new PooledClient(client, user, pool, pinning).start(),
      () => client.destroy(),
    );
  });
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => undefined);
    readStartupMessage(socket, AbortSignal.timeout(10_000)).then(
      ({ kind }) => {
        if (kind !== 'tls') return socket.destroy();
        socket.write(TLS_ACCEPTED);
        return tls.emit('connection', socket);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await pool.close();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, pinning, servers: () => pool.size, close };
}

/** Returns the user that logged in. */
async function logIn(client: TLSSocket, { login }: PoolerOptions): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  const startup = await readStartupMessage(client, signal);
  if (startup.kind !== 'start') throw new Error(`expected a login, got ${startup.kind}`);
  if (startup.message.includes('\0options\0')) {
    client.end(errorResponse('FATAL', '0A000', 'Feature not supported: command-line options'));
    throw new Error('expected no options in the start-up message');
  }
  client.write(PASSWORD_REQUEST);
  const token = await readPassword(client, signal);
  if (token !== (await login(startup.user)).password) {
    client.end(errorResponse('FATAL', '28000', 'the token is not valid'));
    throw new Error('expected a valid token');
  }
  client.write(LOGGED_IN);
  return startup.user;
}
