import type { ClientBase } from 'pg';
import { VaultError } from '../contract/errors';
import { flag, only, optionalText } from './rows';
import type { Row } from './session';

/**
 * Throws `Misconfigured` if records have their bodies in another store than this deploy names: no function could open
 * them. Reads as the owner; a database without the table has no such record.
 *
 * @param place the deploy's store; `undefined` if bodies are in the database
 */
export async function requireBodyPlace(client: ClientBase, place: string | undefined): Promise<void> {
  const { rows } = await client.query<Row>("SELECT pg_catalog.to_regclass('vault.body_store') IS NOT NULL AS exists");
  if (!flag(only(rows), 'exists')) return;
  const { hasBodies: kept, former } = await read(client);
  if (!kept || former === undefined || former === place) return;
  throw new VaultError(
    'Misconfigured',
    `body store: expected ${former}, which has the bodies of records, got ${place ?? 'none'}: nothing was changed; deploy again with the former store`,
  );
}

/** Remembers the store of this deploy. Throws as `requireBodyPlace`. */
export async function rememberBodyPlace(client: ClientBase, place: string | undefined): Promise<void> {
  await requireBodyPlace(client, place);
  // a vault that goes back to its database keeps the name of the store for as long as a body is there
  if (place === undefined) return;
  await client.query(
    'INSERT INTO vault.body_store (place) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET place = EXCLUDED.place',
    [place],
  );
}

async function read(client: ClientBase): Promise<{ readonly hasBodies: boolean; readonly former: string | undefined }> {
  const { rows } = await client.query<Row>('SELECT (SELECT s.place FROM vault.body_store AS s) AS place');
  return { hasBodies: await hasBodies(client), former: optionalText(only(rows), 'place') };
}

/** Whether the store may have a body of this database. A database of a former release lacks a table. */
async function hasBodies(client: ClientBase): Promise<boolean> {
  for (const table of ['vault.bodies', 'vault.bodies_to_destroy', 'vault.reserved_bodies']) {
    const { rows: exists } = await client.query<Row>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS exists', [
      table,
    ]);
    if (!flag(only(exists), 'exists')) continue;
    const { rowCount } = await client.query(`SELECT FROM ${table} LIMIT 1`);
    if (rowCount !== 0) return true;
  }
  return false;
}
