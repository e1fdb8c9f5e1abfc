import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { ScaleServer } from './vault-process';

/** Connects to a database of the server as its superuser. The caller ends the client. */
export async function connectTo({ port, caFile, user, password }: ScaleServer, database: string): Promise<Client> {
  const ssl = { ca: readFileSync(caFile), minVersion: 'TLSv1.3' as const };
  const client = new Client({ host: 'localhost', port, user, password, database, ssl });
  await client.connect();
  return client;
}

/** Copies the vault's database, sealed records and all, under another name. Ends the vault's own connections. */
export async function copyDatabase(server: ScaleServer, name: string): Promise<void> {
  const client = await connectTo(server, 'postgres');
  try {
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [server.database]);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${client.escapeIdentifier(server.database)}`);
  } finally {
    await client.end();
  }
}

/** Tables with rows of each wallet, and their columns that differ between wallets. */
const TABLES: readonly { readonly table: string; readonly different: Readonly<Record<string, string>> }[] = [
  { table: 'wallets', different: { wallet_id: 'n.wallet_id' } },
  {
    table: 'delegated_shares',
    different: { id: 'gen_random_uuid()', wallet_id: 'n.wallet_id', user_id: 'n.wallet_id' },
  },
  { table: 'wallet_properties', different: { wallet_id: 'n.wallet_id' } },
  { table: 'share_access_log', different: { wallet_id: 'n.wallet_id' } },
  { table: 'seal_transports', different: { jti: 'md5(n.wallet_id || s.jti)', record_id: 'gen_random_uuid()' } },
];

/**
 * Adds so many wallets with a record to a database: copies of a wallet's rows in every table, the same bytes under other
 * ids. They have its sizes and its place in every index; they don't open, since they are bound to that wallet.
 */
export async function addRecords(client: Client, walletId: string, count: number): Promise<void> {
  // triggers don't see the rows
  await client.query('SET session_replication_role = replica');
  await client.query(`CREATE TEMPORARY TABLE added AS
    SELECT md5(n::text)::uuid::text AS wallet_id FROM generate_series(1, ${count}) AS n`);
  for (const { table, different } of TABLES) {
    const { rows } = await client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
      [`vault.${table}`],
    );
    const names = rows.map(({ name }) => name);
    const values = names.map((name) => different[name] ?? `s.${name}`);
    const source = table === 'seal_transports' ? TRANSPORTS : 's.wallet_id = $1';
    const text = `INSERT INTO vault.${table} (${names.join()}) SELECT ${values.join()} FROM vault.${table} AS s, added AS n WHERE ${source}`;
    await client.query(text, [walletId]);
  }
  await client.query('RESET session_replication_role');
  await client.query('DROP TABLE added');
  await client.query('VACUUM (ANALYZE)');
}
const TRANSPORTS = 's.record_id = (SELECT r.id FROM vault.delegated_shares AS r WHERE r.wallet_id = $1)';

/** Bytes of a table's rows, of their values that are stored apart, and of its indexes, partitions included. */
export interface TableBytes {
  readonly rows: number;
  readonly heap: number;
  readonly toast: number;
  readonly indexes: number;
}

/** Returns a table's number of rows and its bytes. */
export async function bytesOf(client: Client, table: string): Promise<TableBytes> {
  const { rows } = await client.query<Record<keyof TableBytes, string>>(
    `SELECT (SELECT count(*) FROM vault.${table}) AS rows, sum(pg_relation_size(c.oid)) AS heap,
        sum(CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END) AS toast,
        sum(pg_indexes_size(c.oid)) AS indexes
      FROM pg_class AS c
      WHERE c.oid = $1::regclass OR c.oid IN (SELECT p.relid FROM pg_partition_tree($1::regclass) AS p)`,
    [`vault.${table}`],
  );
  const [found] = rows;
  const of = (name: keyof TableBytes): number => Number(found?.[name]);
  return { rows: of('rows'), heap: of('heap'), toast: of('toast'), indexes: of('indexes') };
}
