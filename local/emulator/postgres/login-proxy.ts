import { type AddressInfo, type Socket, createServer } from 'node:net';
import { type TLSSocket, createServer as createTlsServer } from 'node:tls';
import { waitAtMost } from '../wait';
import type { ClientAuthority, ClientCertificate } from './client-certificates';
import { type ServerAddress, connectServer } from './server-connection';
import { closeAfterFlush, splice } from './splice';
import {
  GSS_DECLINED,
  PASSWORD_REQUEST,
  StartupRefusal,
  TLS_ACCEPTED,
  readStartupMessage,
  readPassword,
} from './startup';

/**
 * Decides whether a token allows a login as this database user. Runs once for each login, before the server is
 * contacted. The client doesn't get the reason of a refusal, so record it there. An exception refuses the login.
 */
export type Authorise = (user: string, token: string) => boolean | Promise<boolean>;

export interface LoginProxyOptions {
  readonly server: ServerAddress;
  /** the server's own certificate and key (PEM), so that clients see one database */
  readonly certificate: string;
  readonly key: string;
  readonly authority: ClientAuthority;
  /** users that log in with a password, checked by the server; all others log in by token */
  readonly passwordUsers: readonly string[];
  /** @default - a free port */
  readonly port?: number | undefined;
  /** time limit of the TLS handshake and of the login, each, in milliseconds @default 10000 */
  readonly loginTimeoutMs?: number | undefined;
}

export interface LoginProxy {
  readonly port: number;
  /** Accepts logins from now on; earlier ones are refused as by a database that is starting. */
  attach(authorise: Authorise): void;
  /** Closes every connection, after a short wait for the delivery of the last bytes. */
  close(): Promise<void>;
}

const LOGIN_MS = 10_000;
/** More than the server accepts, because connections that are not yet logged in count too. */
const MAX_CONNECTIONS = 200;
const CLOSE_MS = 1_000;

/**
 * Starts a proxy in front of PostgreSQL that accepts IAM tokens, as Aurora does. It reads a token as a clear-text
 * password inside TLS 1.3 and logs in to the server with a certificate for that user. It parses only start-up messages
 * and passes on all later bytes unchanged. It listens only on loopback.
 */
export async function startLoginProxy(options: LoginProxyOptions): Promise<LoginProxy> {
  const { certificate, key, loginTimeoutMs = LOGIN_MS } = options;
  // never listens: it gets each connection after the request for TLS
  const tls = createTlsServer({ cert: certificate, key, minVersion: 'TLSv1.3', handshakeTimeout: loginTimeoutMs });
  tls.on('tlsClientError', (_, socket) => socket.destroy());
  const refuse = (client: TLSSocket): void => runStep(client, loginTimeoutMs, refuseWhileStarting);
  tls.on('secureConnection', refuse);
  const attach = (authorise: Authorise): void => {
    tls.off('secureConnection', refuse);
    tls.on('secureConnection', (client) => {
      runStep(client, loginTimeoutMs, (signal) => logIn(client, { ...options, authorise }, signal));
    });
  };
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    open.add(socket.once('close', () => open.delete(socket)));
    runStep(socket, loginTimeoutMs, async (signal) => {
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
    await waitAtMost(CLOSE_MS, closed);
    for (const socket of open) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, attach, close };
}

function refuseWhileStarting(): Promise<never> {
  return Promise.reject(new StartupRefusal('57P03', 'the database system is starting up'));
}

interface Logins extends LoginProxyOptions {
  readonly authorise: Authorise;
}

/** Runs a step with a time limit. Sends a refusal to the client; closes the connection if the step fails. */
function runStep(client: Socket, timeoutMs: number, step: (signal: AbortSignal) => Promise<void>): void {
  const closed = new AbortController();
  client.once('close', () => closed.abort());
  client.on('error', () => undefined);
  step(AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)])).catch((error: unknown) => {
    if (error instanceof StartupRefusal) sendRefusal(client, error);
    else client.destroy();
  });
}

function sendRefusal(client: Socket, refusal: StartupRefusal): void {
  client.write(refusal.toMessage());
  // with unread bytes the system would reset the connection before the client reads the refusal
  client.resume();
  closeAfterFlush(client);
}

/** Reads the request for TLS and refuses everything else outside TLS: a cancellation would reveal its secret. */
async function negotiateTls(socket: Socket, signal: AbortSignal): Promise<void> {
  let startup = await readStartupMessage(socket, signal);
  if (startup.kind === 'gss') {
    socket.write(GSS_DECLINED);
    startup = await readStartupMessage(socket, signal);
  }
  if (startup.kind === 'start') {
    const login = `user "${startup.user}", database "${startup.database}"`;
    throw new StartupRefusal('28000', `no pg_hba.conf entry for host "127.0.0.1", ${login}, no encryption`);
  }
  // bytes from before TLS must not be read as bytes from inside it
  if (startup.kind !== 'tls' || socket.readableLength > 0) {
    throw new StartupRefusal('08P01', 'expected a request for TLS, and nothing after it');
  }
  socket.write(TLS_ACCEPTED);
}

async function logIn(client: TLSSocket, options: Logins, signal: AbortSignal): Promise<void> {
  const startup = await readStartupMessage(client, signal);
  if (startup.kind === 'tls' || startup.kind === 'gss') {
    throw new StartupRefusal('08P01', 'expected a startup packet, got another request for encryption');
  }
  const certificate =
    startup.kind === 'start' ? await certificateFor(client, startup.user, options, signal) : undefined;
  const server = await connectServer(options.server, certificate, signal);
  // a cancellation is passed on like a login: the server checks its secret and sends no response
  server.write(startup.message);
  splice(client, server);
}

/** Returns the certificate for a login by token; undefined for users that log in with a password. */
async function certificateFor(
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
