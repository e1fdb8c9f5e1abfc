import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { flag, only } from './rows';
import type { Row } from './session';

/** The warning of a deploy that found another database behind the vault. */
export const ANOTHER_DATABASE =
  'another database is behind the vault, such as one restored from a backup: nothing is opened until its tombstones are replayed and two actors thaw it';

/** Which database a deploy names. */
export interface Generation {
  /** RDS's id of its cluster */
  readonly cluster: string;
  /** digest of the deploy's `restoreToken`: it differs if a database serves again after another one @default - not known */
  readonly token?: string;
}

/** As JSON, since the column `token` is that of a later migration than the table. */
const LAST = 'SELECT pg_catalog.to_jsonb(g.*) AS generation FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1';

/** Whether the database remembers another generation. It knows none before the first deploy that names one. */
export async function isAnotherDatabase(client: ClientBase, { cluster, token }: Generation): Promise<boolean> {
  const { rows } = await client.query<Row>("SELECT pg_catalog.to_regclass('vault.generations') IS NOT NULL AS exists");
  if (!flag(only(rows), 'exists')) return false;
  const another = `SELECT g.generation ->> 'generation' <> $1 OR coalesce(g.generation ->> 'token' <> $2, false) AS another
    FROM (${LAST}) AS g`;
  const found = await client.query<Row>(another, [cluster, token]);
  return found.rows.length > 0 && flag(only(found.rows), 'another');
}

/**
 * Remembers which database this is, and freezes it if that is another one than the former deploy's. Returns a warning in
 * that case.
 */
export async function noteGeneration(client: ClientBase, { cluster, token }: Generation): Promise<string | undefined> {
  const note = 'SELECT vault.note_database($1, $2, $3) AS frozen';
  const { rows } = await client.query<Row>(note, [cluster, token, randomUUID()]);
  return flag(only(rows), 'frozen') ? ANOTHER_DATABASE : undefined;
}
