import { type Client, DatabaseError } from 'pg';
import type { Deadline } from '../deadline';
import { type ConnectionSettings, connectInTime } from './connection';

/** The user that migrates without a password; it makes no roles. */
export const MIGRATOR = 'vault_migrator';
/** invalid_authorization_specification: the server does not take this kind of login from this user. A wrong password is 28P01. */
const LOGIN_REFUSED = '28000';

/**
 * Logs in as the master; as `vault_migrator` if the server takes no password from the master. The master administers
 * members of `rds_iam`, and no document says that Aurora does not count it as one of them. Throws what the master's
 * login threw if both are refused.
 */
export async function logInToMigrate(
  master: ConnectionSettings,
  migrator: ConnectionSettings,
  deadline: Deadline,
): Promise<Client> {
  try {
    return await connectInTime(master, deadline);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return await connectInTime(migrator, deadline).catch(() => Promise.reject(error as Error));
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError && cause.code === LOGIN_REFUSED;
}
