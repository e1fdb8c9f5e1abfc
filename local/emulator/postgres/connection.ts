import { readFileSync } from 'node:fs';
import { Client } from 'pg';

const CONNECT_MS = 10_000;

/** The address of a database, and the file with its certificate's authority (PEM). */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly caFile: string;
}

/** Connects as a database user. The caller ends the connection. */
export async function connectDatabase(
  place: DatabaseAddress,
  user: string,
  password: string | undefined,
): Promise<Client> {
  const { host, port, database, caFile } = place;
  const ssl = { ca: readFileSync(caFile), minVersion: 'TLSv1.3' as const };
  const client = new Client({ host, port, database, user, password, ssl, connectionTimeoutMillis: CONNECT_MS });
  // if the server stops, the running queries report it
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
