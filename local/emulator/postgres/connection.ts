import { readFileSync } from 'node:fs';
import { Client } from 'pg';

const CONNECT_MS = 10_000;
/** Settings that the library would otherwise take from `PG…` variables; an empty text would not replace them. */
const SHELL_SETTINGS = {
  ...{ options: ' ', client_encoding: 'UTF8', application_name: 'local', replication: 'false' },
  sslnegotiation: 'postgres' as const,
};

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
  const login = { host, port, database, user, password, ssl };
  const client = new Client({ ...SHELL_SETTINGS, ...login, connectionTimeoutMillis: CONNECT_MS });
  // if the server stops, the running queries report it
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
