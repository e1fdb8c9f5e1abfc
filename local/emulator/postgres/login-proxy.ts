import { type AddressInfo, type Socket, createServer } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientAuthority, ClientCertificate } from './client-certificates';
import { type ServerPlace, connectServer } from './server-connection';
import { finish, splice } from './splice';
import { GSS_DECLINED, PASSWORD_REQUEST, StartupRefusal, TLS_ACCEPTED, readOpening, readPassword } from './startup';

/**
 * Whether a token lets its bearer log in as this database user. Asked once for each login, before the server hears of
 * it; whoever wants to know why one was refused records it there, since the client is not told. What throws refuses.
 */
export type Authorise = (user: string, token: string) => boolean | Promise<boolean>;

export interface LoginProxyOptions {
  readonly server: ServerPlace;
  /** the server's own, PEM: a client sees one database */
  readonly certificate: string;
  readonly key: string;
  readonly authority: ClientAuthority;
  /** who logs in by password, with the server itself; everybody else by token */
  readonly passwordUsers: readonly string[];
  /** @default - a free one */
  readonly port?: number | undefined;
  /** how long TLS, and then the login, may each take, in milliseconds @default 10000 */
  readonly loginTimeoutMs?: number | undefined;
}

export interface LoginProxy {
  readonly port: number;
  /** Takes logins from now on: those before are refused as by a database that starts. */
  attach(authorise: Authorise): void;
  /** Closes every connection, what was sent last delivered where it can be. */
  close(): Promise<void>;
}

const LOGIN_MS = 10_000;
/** More than the server lets in: who is not logged in yet must not keep others out for long. */
const MAX_CONNECTIONS = 200;
const CLOSE_MS = 1_000;

/**
 * Stands before PostgreSQL as Aurora's front door does: takes IAM tokens, which PostgreSQL does not know, as clear-text
 * passwords inside TLS 1.3, and logs in behind itself with a certificate for that user. It reads start-up messages
 * alone; what follows passes untouched. Loopback alone.
 */
export async function startLoginProxy(options: LoginProxyOptions): Promise<LoginProxy> {
  const { certificate, key, loginTimeoutMs = LOGIN_MS } = options;
  // never listens: connections are handed to it once they asked for TLS
  const tls = createTlsServer({ cert: certificate, key, minVersion: 'TLSv1.3', handshakeTimeout: loginTimeoutMs });
  tls.on('tlsClientError', (_, socket) => socket.destroy());
  const refuse = (client: TLSSocket): void => attend(client, loginTimeoutMs, starting);
  tls.on('secureConnection', refuse);
  const attach = (authorise: Authorise): void => {
    tls.off('secureConnection', refuse);
    tls.on('secureConnection', (client) => {
      attend(client, loginTimeoutMs, (signal) => logIn(client, { ...options, authorise }, signal));
    });
  };
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    open.add(socket.once('close', () => open.delete(socket)));
    attend(socket, loginTimeoutMs, async (signal) => {
      await negotiateTls(socket, signal);
      tls.emit('connection', socket);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]);
    for (const socket of open) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, attach, close };
}

function starting(): Promise<never> {
  return Promise.reject(new StartupRefusal('57P03', 'the database system is starting up'));
}

interface Logins extends LoginProxyOptions {
  readonly authorise: Authorise;
}

/** Lets a step take its time and no more; a client that it refuses is told why, and gone in any case. */
function attend(client: Socket, timeoutMs: number, step: (signal: AbortSignal) => Promise<void>): void {
  const gone = new AbortController();
  client.once('close', () => gone.abort());
  client.on('error', () => undefined);
  step(AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)])).catch((error: unknown) => {
    if (error instanceof StartupRefusal) turnAway(client, error);
    else client.destroy();
  });
}

function turnAway(client: Socket, refusal: StartupRefusal): void {
  client.write(refusal.toMessage());
  // unread bytes would make the system cut the connection before the answer is read
  client.resume();
  finish(client);
}

/** In the clear nothing is heard but the wish for TLS: no cancellation either, whose secret others could read. */
async function negotiateTls(socket: Socket, signal: AbortSignal): Promise<void> {
  let opening = await readOpening(socket, signal);
  if (opening.kind === 'gss') {
    socket.write(GSS_DECLINED);
    opening = await readOpening(socket, signal);
  }
  if (opening.kind === 'start') {
    const whom = `user "${opening.user}", database "${opening.database}"`;
    throw new StartupRefusal('28000', `no pg_hba.conf entry for host "127.0.0.1", ${whom}, no encryption`);
  }
  // bytes that came before TLS began must not pass for bytes from inside it
  if (opening.kind !== 'tls' || socket.readableLength > 0) {
    throw new StartupRefusal('08P01', 'expected a request for TLS, and nothing after it');
  }
  socket.write(TLS_ACCEPTED);
}

async function logIn(client: TLSSocket, options: Logins, signal: AbortSignal): Promise<void> {
  const opening = await readOpening(client, signal);
  if (opening.kind === 'tls' || opening.kind === 'gss') {
    throw new StartupRefusal('08P01', 'expected a startup packet, got another request for encryption');
  }
  const certificate = opening.kind === 'start' ? await certify(client, opening.user, options, signal) : undefined;
  const server = await connectServer(options.server, certificate, signal);
  // a cancellation passes like a login: the secret that it holds is the server's to check, and it is answered by nothing
  server.write(opening.message);
  splice(client, server);
}

/** What lets this user in at the server; nothing for those who prove themselves there. */
async function certify(
  client: TLSSocket,
  user: string,
  { passwordUsers, authorise, authority }: Logins,
  signal: AbortSignal,
): Promise<ClientCertificate | undefined> {
  if (passwordUsers.includes(user)) return undefined;
  client.write(PASSWORD_REQUEST);
  const token = await readPassword(client, signal);
  if (await isAuthorised(authorise, user, token)) return authority.issue(user);
  throw new StartupRefusal('28000', `PAM authentication failed for user "${user}"`);
}

async function isAuthorised(authorise: Authorise, user: string, token: string): Promise<boolean> {
  try {
    return await authorise(user, token);
  } catch (cause) {
    throw new StartupRefusal('XX000', 'expected a decision about the login, got none', { cause });
  }
}
