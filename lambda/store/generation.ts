import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { flag, only } from './rows';
import type { Row } from './session';

/** The warning of a deploy that found another database behind the vault. */
export const ANOTHER_DATABASE =
  'another database is behind the vault, such as one restored from a backup: nothing is opened until its tombstones are replayed and two actors thaw it';

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
