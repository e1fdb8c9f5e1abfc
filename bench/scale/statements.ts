import type { Client } from 'pg';
import type { Row, Table } from '../harness/table';
import { sealEvents, unsealEvent } from '../elsewhere/events';
import { connectTo } from './database';
import { withEnvironments } from './environments';
import { EXPLAINED, type Plan, endOf, plansSince } from './plans';
import type { Filled } from './records';
import type { Called, ScaleVault } from './vault-process';

/** PostgreSQL replaces a statement's plan by one for any values in its sixth execution, if that isn't dearer. */
const CALLS = 8;
/** A table with more rows must not be read in whole. */
const FEW_ROWS = 500;

/** Calls the functions on a database with many records, and counts the statements that read a large table in whole. */
export async function statementsByIndex(vault: ScaleVault, { database, records }: Filled): Promise<Table> {
  const client = await connectTo(vault.server, database);
  try {
    for (const [name, value] of Object.entries(EXPLAINED)) {
      await client.query(`ALTER DATABASE ${database} SET ${name} = ${client.escapeLiteral(value)}`);
    }
    const large = await largeTables(client);
    const rows: Row[] = [];
    for (const [label, name, events] of operations(vault)) {
      const plans = await plansOf(vault, database, name, events);
      const whole = plans.filter(({ wholeTables }) => wholeTables.some((table) => large.has(table)));
      if (plans.length === 0) throw new Error(`expected plans of ${label} in the log, got none`);
      rows.push({
        label,
        cells: [plans.length, plans.filter(({ indexes }) => indexes.length > 0).length, whole.length],
      });
      rows.push(...wholeRows(whole));
    }
    return {
      title: `Statements on ${records.toLocaleString('en-US')} records by their plans (auto_explain, ${CALLS} calls each)`,
      columns: ['statements', 'by an index', 'a large table in whole'],
      rows,
      notes: [`large: over ${FEW_ROWS} rows. The rest read small tables, or none`],
    };
  } finally {
    await client.end();
  }
}

/** Names the statements that read a large table in whole, with the tables. */
function wholeRows(plans: readonly Plan[]): readonly Row[] {
  const labels = plans.map(({ statement, wholeTables }) => `  ${wholeTables.join()}: ${statement.slice(0, 40)}`);
  return [...new Set(labels)].map((label) => ({
    label,
    cells: [Number.NaN, Number.NaN, labels.filter((other) => other === label).length],
  }));
}

type Operation = readonly [label: string, name: Called, events: readonly object[]];

function operations(vault: ScaleVault): readonly Operation[] {
  const wallets = Array.from({ length: CALLS }, (_, n) => n).flatMap(
    (n) => vault.wallets[n % vault.wallets.length] ?? [],
  );
  const each = (event: object): object[] => wallets.map((wallet) => ({ ...event, ...wallet }));
  return [
    ['unseal', 'unseal', wallets.map((wallet) => unsealEvent(wallet))],
    ['seal', 'seal', sealEvents(vault, CALLS)],
    ['properties', 'properties', each({})],
    ['audit records', 'audit', each({ action: 'records' })],
    ['audit log', 'audit', each({ action: 'log' })],
    ['audit verify', 'audit', each({ action: 'verify' })],
    ['audit wallets', 'audit', wallets.map(() => ({ action: 'wallets', limit: 20 }))],
    ['revoke', 'revoke', each({ reason: 'benchmark' })],
  ];
}

async function plansOf(
  vault: ScaleVault,
  database: string,
  name: Called,
  events: readonly object[],
): Promise<readonly Plan[]> {
  const fn = vault.functions[name];
  const place = await endOf(vault.server.logFile);
  await withEnvironments({ ...fn, env: { ...fn.env, SHARE_VAULT_DB_NAME: database } }, 1, async ([environment]) => {
    await environment?.call(events);
  });
  return plansSince(vault.server.logFile, place);
}

async function largeTables(client: Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'vault'::regnamespace
      AND c.reltuples > ${FEW_ROWS}`,
  );
  return new Set(rows.map(({ name }) => name));
}
