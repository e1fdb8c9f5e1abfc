import { readFileSync } from 'node:fs';
import { Client, DatabaseError } from 'pg';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { connectError, isFull, isTransientConnectError } from './pg-errors';
import { NO_LIMITS, PINNED, RESET_OWN_SETTINGS, SINCE_17, type Settings, startUpOptions } from './session-settings';

/** The database's address, and the login. */
export interface ConnectionSettings {
  /** a host name or an address; the certificate must be for it */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** PEM file with the certificate authorities that may vouch for the database */
  readonly caFile: string;
  /** asked at every connect: tokens expire */
  readonly password: () => Promise<string>;
  /** settings of the session beside those that are always pinned @default - no limits */
  readonly session?: Settings | undefined;
}

/** One attempt never takes longer: behind a failover the old address may swallow packets. */
const ATTEMPT_MS = 3_000;
const KEEP_ALIVE_MS = 10_000;
const INITIAL_BACKOFF_MS = 25;
const MAX_BACKOFF_MS = 1_000;
/**
 * How long a full server is asked again: one that a failover has just made the writer has free connections soon. A call
 * that waited for longer would hold its environment, and with it one of the connections that others wait for.
 */
export const FULL_MS = 1_000;
/** undefined_object: here a setting that this server does not know. */
const UNKNOWN_SETTING = '42704';

/**
 * Opens one connection: TLS 1.3, the certificate and its host name verified, no setting left that the user's role has of
 * its own. Rejects with `pg`'s or TLS's error; tries once. The caller ends it, and a connection that is lost later is
 * reported by its `end` event only.
 */
export async function connect(settings: ConnectionSettings, deadline: Deadline): Promise<Client> {
  const session = { ...PINNED, ...NO_LIMITS, ...settings.session };
  try {
    return await connectOnce(settings, { ...session, ...SINCE_17 }, deadline);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === UNKNOWN_SETTING)) throw error;
    return await connectOnce(settings, session, deadline);
  }
}

async function connectOnce(settings: ConnectionSettings, session: Settings, deadline: Deadline): Promise<Client> {
  const { host, port, database, user, password } = settings;
  const timeout = Math.max(1, Math.floor(Math.min(ATTEMPT_MS, deadline.remainingMs())));
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    application_name: 'share-vault',
    options: startUpOptions(session),
    ssl: { ca: readAuthorities(settings.caFile), minVersion: 'TLSv1.3', rejectUnauthorized: true },
    connectionTimeoutMillis: timeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // without a listener Node ends the process; a waiting query fails by itself
  client.on('error', () => undefined);
  try {
    await client.connect();
    const reset = { text: RESET_OWN_SETTINGS, query_timeout: timeout };
    await client.query(reset);
    return client;
  } catch (error) {
    discard(client);
    throw error;
  }
}

/**
 * A database that pauses, resumes or fails over comes back: tries again while the time lasts. One that has no connection
 * left is asked again for a second only, from its first refusal on.
 *
 * @param fullMs how long a full server is asked again
 */
export async function connectInTime(
  settings: ConnectionSettings,
  deadline: Deadline,
  fullMs = FULL_MS,
): Promise<Client> {
  let full: Deadline | undefined;
  for (let backoff = INITIAL_BACKOFF_MS; ; backoff = Math.min(backoff * 2, MAX_BACKOFF_MS)) {
    try {
      return await connect(settings, deadline);
    } catch (error) {
      if (isFull(error)) full ??= deadlineIn(Math.min(fullMs, deadline.remainingMs()));
      const leftMs = (isFull(error) && full !== undefined ? full : deadline).remainingMs();
      if (!isTransientConnectError(error) || leftMs <= backoff) throw connectError(error);
    }
    await new Promise((resolve) => setTimeout(resolve, backoff));
  }
}

function readAuthorities(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new VaultError('Misconfigured', 'expected a file with the certificate authorities, got none', { cause });
  }
}

/** Closes a connection without waiting for the server, whatever state it is in. */
export function discard(client: Client): void {
  client.end().catch(() => undefined);
}
