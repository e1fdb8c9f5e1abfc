import type { Client } from 'pg';
import type { Bench, Settings } from './harness/bench';
import type { Row, Table } from './harness/table';
import { addRecords, bytesOf, connectTo, copyDatabase } from './scale/database';
import { type Filled, unsealByRecords } from './scale/records';
import { withScaleVault } from './scale/start-vault';
import { statementsByIndex } from './scale/statements';
import { throughput } from './scale/throughput';
import type { ScaleVault } from './scale/vault-process';

const RECORDS = [1_000, 100_000, 1_000_000] as const;
const QUICK_RECORDS = [1_000, 10_000] as const;
/** As many as environments, so that each has wallets of its own. */
const WALLETS = { whole: 64, quick: 8 } as const;

/**
 * Calls the bundles that ship from many processes at once, and with many records in the database. One PostgreSQL has a
 * database for each number of records: copies of the vault's own one.
 */
export const scaleBench: Bench = {
  name: 'scale',
  run: (settings) =>
    withScaleVault(settings.quick ? WALLETS.quick : WALLETS.whole, async (vault) => {
      const calls = await throughput(vault, settings);
      const filled = await fill(vault, settings);
      const many = filled.at(-1);
      if (many === undefined) throw new Error('expected a database with records, got none');
      const unseals = await unsealByRecords(vault, filled, settings);
      settings.progress('plans');
      return [calls, unseals, await statementsByIndex(vault, many), await bytes(vault, many)];
    }),
};

async function fill(vault: ScaleVault, { quick, progress }: Settings): Promise<readonly Filled[]> {
  await withClient(vault, vault.server.database, async (client) => {
    await client.query('ALTER SYSTEM SET fsync = off');
    await client.query('SELECT pg_reload_conf()');
  });
  const filled: Filled[] = [];
  for (const records of quick ? QUICK_RECORDS : RECORDS) {
    progress(`inserting ${records.toLocaleString('en-US')} records`);
    const database = `scale_${records}`;
    await copyDatabase(vault.server, database);
    const [{ walletId } = { walletId: '' }] = vault.wallets;
    await withClient(vault, database, (client) => addRecords(client, walletId, records));
    filled.push({ records, database });
  }
  return filled;
}

/** Tables with a row for a record or an entry of the log, and how the table of sizes names them. */
const TABLES = {
  delegated_shares: 'delegated_shares, a record',
  wallets: 'wallets, a wallet',
  seal_transports: 'seal_transports, a material (30 days)',
  wallet_properties: 'wallet_properties, a version of 500 bytes',
  share_access_log: 'share_access_log, an entry',
} as const;

async function bytes(vault: ScaleVault, { database, records }: Filled): Promise<Table> {
  return withClient(vault, database, async (client) => {
    const rows: Row[] = [];
    for (const [table, label] of Object.entries(TABLES)) {
      const found = await bytesOf(client, table);
      const each = [found.heap, found.toast, found.indexes].map((size) => size / found.rows);
      rows.push({ label, cells: [...each, each.reduce((sum, size) => sum + size, 0)] });
    }
    return {
      title: `Bytes a row with ${records.toLocaleString('en-US')} records`,
      columns: ['heap', 'TOAST', 'indexes', 'together'],
      rows,
      notes: ['a record of two materials as long as those of Dynamic, under one key; freshly inserted tables'],
    };
  });
}

async function withClient<T>(vault: ScaleVault, database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectTo(vault.server, database);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
