import type { Client } from 'pg';
import { VaultError } from '../contract/errors';
import { LIMITS, type Settings } from './session-settings';

/**
 * Counts the settings that the role has of its own, or that this session has because of it. Time limits are no part of
 * it: the migration gives them to each role, and another release may give others.
 */
const OWN_SETTINGS = `
SELECT pg_catalog.count(*)::integer AS own FROM (
  SELECT pg_catalog.split_part(entry, '=', 1) AS name
    FROM pg_catalog.pg_db_role_setting AS s, pg_catalog.unnest(s.setconfig) AS entry
    WHERE s.setrole = pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))
  UNION
  SELECT s.name FROM pg_catalog.pg_settings AS s WHERE s.source IN ('user', 'database user')
) AS found
WHERE name !~ '_(timeout|interval)$'`;

/**
 * Checks a session behind a pooler. A pooler such as RDS Proxy refuses settings in the start-up message, and a `SET` would
 * pin the session to one connection, so settings can't be made there: a role with settings of its own is refused. The
 * next migration resets and reports them. The limits of the session are those that the migration gave the role.
 *
 * @param timeoutMs - how long the check may take
 * @throws {VaultError} `Misconfigured` if the role has settings of its own
 */
export async function requireNoOwnSettings(client: Client, timeoutMs: number): Promise<void> {
  const query = { text: OWN_SETTINGS, query_timeout: timeoutMs };
  const { rows } = await client.query<{ own: number }>(query);
  const own = rows[0]?.own;
  if (own === 0) return;
  throw new VaultError('Misconfigured', `expected a database role without settings of its own, got ${String(own)}`);
}

/** Throws `Misconfigured` for a session that needs other limits than its role has: a pooler shares sessions. */
export function requireRoleLimits(session: Settings): void {
  const limits: Settings = LIMITS;
  const others = Object.keys(session).filter((name) => session[name] !== limits[name]);
  if (others.length === 0) return;
  throw new VaultError(
    'Misconfigured',
    `expected a connection without a pooler for a session with limits of its own, got one with: ${others.join(', ')}`,
  );
}
