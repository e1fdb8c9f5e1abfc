import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import { optionalText, text } from './rows';
import type { Row } from './session';

/** Returns the tables that hold sealed material, as SQL names them: none before the first migration. */
export async function sealedTables(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<Row>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'vault' AND c.relkind IN ('r', 'p') AND a.attname = 'encryption_key_id' AND NOT a.attisdropped
      ORDER BY name`,
  );
  return rows.map((row) => text(row, 'name'));
}

/**
 * Throws `Misconfigured` if a record, live or superseded, is sealed under a key that is not among the given ones: no
 * function of the new deploy could open it. Reads as the owner.
 */
export async function requireShareKeys(
  client: ClientBase,
  tables: readonly string[],
  shareKeys: readonly string[],
): Promise<void> {
  for (const table of tables) {
    const query = `SELECT encryption_key_id AS key FROM ${table} WHERE encryption_key_id <> ALL ($1::text[]) LIMIT 1`;
    const { rows } = await client.query<Row>(query, [shareKeys]);
    const other = rows[0] && optionalText(rows[0], 'key');
    if (other === undefined) continue;
    throw new VaultError(
      'Misconfigured',
      `share key: expected every record under ${shareKeys.join(' or ')}, got one under ${other}, which this deploy could not open any more: nothing was changed; deploy again with the former key among retiringShareKeys, and remove it once share-vault keys census counts no record under it: share-vault reseal moves them`,
    );
  }
}
