import type { ClientBase } from 'pg';
import type { Waiting, WaitingItems } from '../contract/swept';
import type { Migrated } from './migrate';
import { count, optionalTime, text } from './rows';
import type { Row } from './session';
import { Transactions } from './transactions';

const UNCOUNTED = 'items that wait to be destroyed could not be counted';

/**
 * Adds counts of the items that wait to be destroyed to the report of a migration and its sweep. A deploy must not fail
 * for them: if they can't be counted, the report has a warning. The client logs in as the master.
 */
export async function withWaiting(migrated: Migrated, client: ClientBase): Promise<Migrated> {
  try {
    return { ...migrated, waiting: await readWaiting(client) };
  } catch {
    return { ...migrated, warnings: [...(migrated.warnings ?? []), UNCOUNTED] };
  }
}

async function readWaiting(client: ClientBase): Promise<Waiting> {
  const transactions = await Transactions.on(client, {});
  const query = 'SELECT what, waiting, overdue, since FROM vault.waiting_to_be_destroyed()';
  const { rows } = await transactions.asOwner(() => client.query<Row>(query));
  const items = new Map(rows.map((row) => [text(row, 'what'), itemsOf(row)]));
  const of = (what: keyof Waiting): WaitingItems => items.get(what) ?? { count: 0 };
  const overdue = rows.reduce((sum, row) => sum + count(row, 'overdue'), 0);
  return { records: of('records'), bodies: of('bodies'), tickets: of('tickets'), overdue };
}

function itemsOf(row: Row): WaitingItems {
  const since = optionalTime(row, 'since');
  return { count: count(row, 'waiting'), ...(since !== undefined && { since: since.toISOString() }) };
}
