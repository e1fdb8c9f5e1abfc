import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { flag, only } from './rows';
import type { Row } from './session';

/** The warning of a deploy that found another database behind the vault. */
export const ANOTHER_DATABASE =
  'another database is behind the vault, such as one restored from a backup: nothing is opened until its tombstones are replayed and two actors thaw it';

/** Whether the database remembers another generation. It knows none before the first deploy that names one. */
export async function isAnotherDatabase(client: ClientBase, generation: string): Promise<boolean> {
  const { rows } = await client.query<Row>("SELECT pg_catalog.to_regclass('vault.generations') IS NOT NULL AS exists");
  if (!flag(only(rows), 'exists')) return false;
  const last = 'SELECT g.generation <> $1 AS another FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1';
  const found = await client.query<Row>(last, [generation]);
  return found.rows.length > 0 && flag(only(found.rows), 'another');
}

/**
 * Remembers which database this is, by RDS's id of its cluster, and freezes it if that is another one than the former
 * deploy's. Returns a warning in that case.
 */
export async function noteGeneration(client: ClientBase, generation: string): Promise<string | undefined> {
  const { rows } = await client.query<Row>('SELECT vault.note_generation($1, $2) AS frozen', [
    generation,
    randomUUID(),
  ]);
  return flag(only(rows), 'frozen') ? ANOTHER_DATABASE : undefined;
}
