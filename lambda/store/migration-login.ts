import { type Client, DatabaseError } from 'pg';
import type { Deadline } from '../invocation/deadline';
import { type ConnectionSettings, connectInTime } from './connection';

/** How long a refused token is tried again: the permission to log in takes a while to apply if this deploy gave it. */
const RETRY_MS = 60_000;
const BACKOFF_MS = 2_000;
/** A deploy has more time than a caller, and a migration that gives up rolls it back. */
const FULL_FOR_MIGRATION_MS = 300_000;
/** invalid_authorization_specification: the server does not take this kind of login from this user. A wrong password is 28P01. */
const LOGIN_REFUSED = '28000';

/**
 * Logs in as the master by password; by token if the server takes no password from it. The master administers members of
 * `rds_iam`, and no document states that Aurora does not count it as one of them. A member logs in by token only. Throws
 * the error of the login by password if both are refused.
 */
export async function logInToMigrate(
  master: ConnectionSettings,
  token: ConnectionSettings['password'],
  deadline: Deadline,
): Promise<Client> {
  try {
    return await connectInTime(master, deadline, FULL_FOR_MIGRATION_MS);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const byToken = { ...master, password: token };
    return await connectWithRetries(byToken, deadline).catch(() => Promise.reject(error as Error));
  }
}

async function connectWithRetries(settings: ConnectionSettings, deadline: Deadline): Promise<Client> {
  for (let waited = 0; ; waited += BACKOFF_MS) {
    try {
      return await connectInTime(settings, deadline, FULL_FOR_MIGRATION_MS);
    } catch (error) {
      if (!isRefused(error) || waited >= RETRY_MS || deadline.remainingMs() <= BACKOFF_MS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BACKOFF_MS));
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError && cause.code === LOGIN_REFUSED;
}
