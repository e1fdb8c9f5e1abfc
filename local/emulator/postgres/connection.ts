import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { LocalPostgres } from '.';

/** A connection of a database user; the caller ends it. */
export async function openConnection(
  postgres: LocalPostgres,
  user: string,
  password: string | undefined,
): Promise<Client> {
  const { host, port, database, caFile } = postgres;
  const ssl = { ca: readFileSync(caFile), minVersion: 'TLSv1.3' as const };
  const client = new Client({ host, port, database, user, password, ssl });
  // ended by the server when the vault stops: whoever still queries learns of it through that
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
