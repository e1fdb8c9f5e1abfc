import { type Socket, connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { factsOf } from '../error-facts';

/** Answer of a PostgreSQL server to an attempt without credentials. */
export type Probe = 'accepted' | 'refused' | 'unreachable';

const CONNECT_MS = 4_000;
/** Requests TLS before anything else; PostgreSQL 17 protocol, "SSLRequest". */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Whether the server goes on with a login over a connection without TLS. No password or token is sent. */
export async function probePlain(host: string, port: number, database: string): Promise<Probe> {
  const socket = await open(host, port);
  if (socket === undefined) return 'unreachable';
  try {
    socket.write(startupMessage(database));
    const first = await firstBytes(socket);
    // 'R' asks for a password or admits; 'E' refuses; a closed connection refuses too
    return first?.at(0) === 'R'.charCodeAt(0) ? 'accepted' : 'refused';
  } finally {
    socket.destroy();
  }
}

/**
 * Whether the server agrees on TLS 1.2 and nothing newer. The certificate is verified as usual; one that this machine
 * does not trust shows all the same that the version was accepted.
 */
export async function probeTls12(host: string, port: number): Promise<Probe> {
  const socket = await open(host, port);
  if (socket === undefined) return 'unreachable';
  try {
    socket.write(SSL_REQUEST);
    const first = await firstBytes(socket);
    if (first?.at(0) !== 'S'.charCodeAt(0)) return 'refused';
    return await handshake(socket, host);
  } finally {
    socket.destroy();
  }
}

function handshake(socket: Socket, host: string): Promise<Probe> {
  return new Promise((resolve) => {
    const secure = connectTls({ socket, servername: host, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    secure.setTimeout(CONNECT_MS, () => resolve('refused'));
    secure.once('secureConnect', () => resolve('accepted'));
    secure.once('error', (error) => {
      // the server's alert and a cut connection come before any certificate; all else is about the certificate
      const { code = '' } = factsOf(error);
      resolve(/ALERT|ECONNRESET|EPIPE|UNSUPPORTED_PROTOCOL|VERSION/.test(code) ? 'refused' : 'accepted');
    });
  });
}

function open(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port });
    const fail = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.setTimeout(CONNECT_MS, fail);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      // an error later on is the end of the connection, which a reader sees
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function firstBytes(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data));
    socket.once('close', () => resolve(undefined));
    socket.setTimeout(CONNECT_MS, () => resolve(undefined));
  });
}

/** StartupMessage of protocol 3.0, for a user that exists in every vault. */
function startupMessage(database: string): Buffer {
  const text = `user\0vault_auditor\0database\0${database}\0\0`;
  const message = Buffer.alloc(8 + text.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(196_608, 4);
  message.write(text, 8, 'latin1');
  return message;
}
