/** Names and values of settings, as `SET` takes them. */
export type Settings = Readonly<Record<string, string>>;

/**
 * The limits of a login role's session: an open session keeps a database from pausing, and a client that is gone must
 * not hold a wallet's lock. The roles have them too, for a login by hand; it may lift them.
 */
export const LIMITS = {
  idle_session_timeout: '60s',
  idle_in_transaction_session_timeout: '10s',
  client_connection_check_interval: '500ms',
  statement_timeout: '10s',
  lock_timeout: '5s',
} as const satisfies Settings;

/** A migration may take its time. */
export const NO_LIMITS: Settings = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, '0']));

/**
 * Settings that act before the first query can reset them, or that change the behaviour of a session. A role may
 * set them for its own later sessions; the client's settings at the start take precedence.
 */
export const PINNED: Settings = {
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  search_path: 'pg_catalog',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  role: 'none',
  local_preload_libraries: '',
  // else parameters are a part of the stack that the database checks (0011-unseal-outcome)
  log_parameter_max_length_on_error: '0',
  post_auth_delay: '0',
  ignore_system_indexes: 'off',
};

/** A limit that PostgreSQL 16 does not know: it refuses a login that names it. */
export const SINCE_17: Settings = { transaction_timeout: '0' };

/**
 * Resets every other setting that a role may give itself and has, known to this release or not. Settings that
 * only an administrator may give it, `pgaudit.log` for example, stay. As a block of PL/pgSQL it loads that language
 * first; the language has settings too.
 */
export const RESET_OWN_SETTINGS = `
DO $$
BEGIN
  PERFORM pg_catalog.set_config(name, coalesce(boot_val, ''), false) FROM pg_catalog.pg_settings
    WHERE source IN ('user', 'database user')
      AND (context = 'user' OR context = 'superuser' AND pg_catalog.has_parameter_privilege(name, 'SET'));
END
$$`;

/** Returns the start-up message's `options`; in it a backslash escapes a blank and itself. */
export function startUpOptions(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, String.raw`\$&`)}`)
    .join(' ');
}
