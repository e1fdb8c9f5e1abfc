import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { LocalPostgres } from '.';

const CONNECT_MS = 10_000;

/** Opens a connection of a database user. The caller ends it. */
export async function openConnection(
  postgres: Pick<LocalPostgres, 'host' | 'port' | 'database' | 'caFile'>,
  user: string,
  password: string | undefined,
): Promise<Client> {
  const { host, port, database, caFile } = postgres;
  const ssl = { ca: readFileSync(caFile), minVersion: 'TLSv1.3' as const };
  const client = new Client({ host, port, database, user, password, ssl, connectionTimeoutMillis: CONNECT_MS });
  // when the server stops, queries that still run report it
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
