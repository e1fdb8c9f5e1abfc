import { type Socket, connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { factsOf } from '../error-facts';

/** Response of a PostgreSQL server to an attempt without credentials. `unclear`: none, or one about something else. */
export type Probe = 'accepted' | 'refused' | 'unreachable' | 'unclear';

const CONNECT_MS = 4_000;
/** Requests TLS before anything else; PostgreSQL 17 protocol, "SSLRequest". */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Whether the server goes on with a login over a connection without TLS. No password or token is sent. */
export async function probePlain(host: string, port: number, database: string): Promise<Probe> {
  const socket = await connectSocket(host, port);
  if (socket === undefined) return 'unreachable';
  try {
    socket.write(startupMessage(database));
    return judge(await firstBytes(socket));
  } finally {
    socket.destroy();
  }
}

/**
 * Whether the server agrees on TLS 1.2 and nothing newer. The certificate is verified as usual; one that this machine
 * does not trust shows all the same that the version was accepted.
 */
export async function probeTls12(host: string, port: number): Promise<Probe> {
  const socket = await connectSocket(host, port);
  if (socket === undefined) return 'unreachable';
  try {
    socket.write(SSL_REQUEST);
    const first = await firstBytes(socket);
    if (first?.at(0) !== 'S'.charCodeAt(0)) return 'unclear';
    return await handshake(socket, host);
  } finally {
    socket.destroy();
  }
}

/**
 * 'R' asks for a password or admits. An error refuses only if it is about the connection: a server that starts, or has no
 * connection left, reports that without a look at TLS, and one that closes or sends nothing shows nothing.
 */
function judge(response: Buffer | undefined): Probe {
  const kind = response?.toString('latin1', 0, 1);
  if (kind === 'R') return 'accepted';
  // SQLSTATE of "no pg_hba.conf entry for host …, no encryption"
  return kind === 'E' && response?.includes('\0C28000\0') === true ? 'refused' : 'unclear';
}

function handshake(socket: Socket, host: string): Promise<Probe> {
  return new Promise((resolve) => {
    const secure = connectTls({ socket, servername: host, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    secure.setTimeout(CONNECT_MS, () => resolve('unclear'));
    secure.once('secureConnect', () => resolve('accepted'));
    secure.once('error', (error) => {
      // an alert and a cut connection come before any certificate; all else is about the certificate
      const { code = '' } = factsOf(error);
      if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) resolve('refused');
      else resolve(/ALERT|^E[A-Z]+$/.test(code) ? 'unclear' : 'accepted');
    });
  });
}

function connectSocket(host: string, port: number): Promise<Socket | undefined> {
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
