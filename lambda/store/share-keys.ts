import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import { count, flag, only, optionalText, text } from './rows';
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

/**
 * Throws `Misconfigured` if a vault with records gets a sealing key that no former deploy listed. A rollback of this deploy
 * would restore functions that don't know the key, and delete it if the deploy created it: records would be lost. Reads as
 * the owner; a database of a former release knows no list: there the key must have sealed a record.
 *
 * @param shareKeys the key that seals first
 */
export async function requireListedBefore(
  client: ClientBase,
  tables: readonly string[],
  shareKeys: readonly string[],
): Promise<void> {
  const [sealing] = shareKeys;
  if (sealing === undefined || !(await hasRows(client, tables))) return;
  if ((await isListed(client, sealing)) ?? (await hasSealed(client, tables, sealing))) return;
  throw new VaultError(
    'Misconfigured',
    `share key: expected one that a former deploy had, got ${sealing}: nothing was changed; deploy with the former share key and with the new one among retiringShareKeys first, then let them trade places`,
  );
}

/** Whether the former deploy listed a key; `undefined` if no list is known. */
async function isListed(client: ClientBase, key: string): Promise<boolean | undefined> {
  if (!(await exists(client, 'vault.share_keys'))) return undefined;
  const { rows } = await client.query<Row>(
    'SELECT count(*) AS keys, coalesce(pg_catalog.bool_or(s.key_id = $1), false) AS listed FROM vault.share_keys AS s',
    [key],
  );
  return count(only(rows), 'keys') === 0 ? undefined : flag(only(rows), 'listed');
}

async function hasSealed(client: ClientBase, tables: readonly string[], key: string): Promise<boolean> {
  for (const table of tables) {
    const { rowCount } = await client.query(`SELECT FROM ${table} WHERE encryption_key_id = $1 LIMIT 1`, [key]);
    if (rowCount !== 0) return true;
  }
  return false;
}

/**
 * Remembers the share keys of this deploy, and forgets those that only a former one had. A sweep forgets none of the last
 * hour: it may be one of the former version, in the minutes of a deploy. Notes the key that seals.
 */
export async function rememberShareKeys(
  client: ClientBase,
  shareKeys: readonly string[],
  { isSweep = false }: { readonly isSweep?: boolean | undefined } = {},
): Promise<void> {
  if (!(await exists(client, 'vault.share_keys'))) return;
  if (!isSweep) await client.query(FORGET, [shareKeys]);
  await client.query('DELETE FROM vault.share_keys AS s WHERE s.key_id <> ALL ($1::text[])', [shareKeys]);
  const insert = 'INSERT INTO vault.share_keys (key_id) SELECT pg_catalog.unnest($1::text[]) ON CONFLICT DO NOTHING';
  await client.query(insert, [shareKeys]);
  const [sealing] = shareKeys;
  if (sealing === undefined || !(await exists(client, 'vault.sealing_keys'))) return;
  await client.query('SELECT vault.note_sealing_key($1, $2)', [sealing, isSweep]);
}

/** The database keeps those of the last hour. */
const FORGET = "UPDATE vault.share_keys AS s SET listed_at = '-infinity' WHERE s.key_id <> ALL ($1::text[])";

async function hasRows(client: ClientBase, tables: readonly string[]): Promise<boolean> {
  for (const table of tables) {
    const { rowCount } = await client.query(`SELECT FROM ${table} LIMIT 1`);
    if (rowCount !== 0) return true;
  }
  return false;
}

/** A test can migrate to a part of this release. */
async function exists(client: ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<Row>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS exists', [table]);
  return flag(only(rows), 'exists');
}
