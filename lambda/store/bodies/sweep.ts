import type { ClientBase } from 'pg';
import type { SweptBodies } from '../../contract/responses';
import { eachItem, successes } from '../../invocation/batch';
import type { Deadline } from '../../invocation/deadline';
import type { Migrated } from '../migrate';
import { text } from '../rows';
import type { Row } from '../session';
import { Transactions } from '../transactions';
import type { BodyEntry, BodyStore } from './body-store';

/** Younger entries may belong to a record that is being sealed. */
const ORPHAN_AGE_MS = 3_600_000;
/** More orphans than this, and more than a tenth of the entries, are no litter of failed seals: none is destroyed. */
const MAX_ORPHANS = 100;
const MAX_ORPHAN_SHARE = 0.1;
/** Reserved for the call under way and the response. */
const MARGIN_MS = 15_000;
const BATCH = 500;

/** Adds the report of a sweep of bodies to that of a migration. */
export type BodySweep = (migrated: Migrated, client: ClientBase, deadline: Deadline) => Promise<Migrated>;

/** What the sweep found and did, before it is reported. */
type Counts = Record<Exclude<keyof SweptBodies, 'warnings'>, number>;

/**
 * Destroys the bodies whose records were destroyed, and entries of the store that no record has: a seal whose row was
 * refused leaves one behind. What it has no time for, and what fails, is left to the next sweep and reported. The client
 * logs in as the master. Throws `VaultError` only for failures of the database.
 */
export async function sweepBodies(client: ClientBase, store: BodyStore, deadline: Deadline): Promise<SweptBodies> {
  const transactions = await Transactions.on(client, {});
  const counts: Counts = { destroyed: 0, orphans: 0, failed: 0 };
  await destroyQueued(client, transactions, store, deadline, counts);
  const warnings = await destroyOrphans(client, transactions, store, deadline, counts);
  const all = [...(counts.failed > 0 ? [`bodies that could not be destroyed: ${counts.failed}`] : []), ...warnings];
  return { ...counts, ...(all.length > 0 && { warnings: all }) };
}

async function destroyQueued(
  client: ClientBase,
  transactions: Transactions,
  store: BodyStore,
  deadline: Deadline,
  counts: Counts,
): Promise<void> {
  // those that fail are not met again in this sweep
  for (let after = NO_ID; hasTime(deadline);) {
    const queued = await transactions.asOwner(() => client.query<Row>(QUEUED, [after, BATCH]));
    const ids = queued.rows.map((row) => text(row, 'record_id'));
    const destroyed = await destroyAll(ids, store, deadline);
    await transactions.asOwner(() => client.query(FORGET, [destroyed]));
    counts.destroyed += destroyed.length;
    counts.failed += ids.length - destroyed.length;
    if (ids.length < BATCH) return;
    after = ids.at(-1) ?? after;
  }
}

/** Returns what an operator has to know. */
async function destroyOrphans(
  client: ClientBase,
  transactions: Transactions,
  store: BodyStore,
  deadline: Deadline,
  counts: Counts,
): Promise<readonly string[]> {
  const oldest = Date.now() - ORPHAN_AGE_MS;
  const orphans: string[] = [];
  let listed = 0;
  const check = async (entries: readonly BodyEntry[]): Promise<void> => {
    listed += entries.length;
    const ids = entries.filter(({ createdAt }) => createdAt.getTime() < oldest).map(({ recordId }) => recordId);
    const { rows } = await transactions.asOwner(() => client.query<Row>(WITHOUT_RECORD, [ids]));
    orphans.push(...rows.map((row) => text(row, 'record_id')));
  };
  const complete = await eachPage(store, deadline, check);
  counts.orphans = orphans.length;
  if (orphans.length > MAX_ORPHANS && orphans.length > listed * MAX_ORPHAN_SHARE) {
    return [`bodies without a record: ${orphans.length} of ${listed}, none was destroyed: was the database restored?`];
  }
  const destroyed = await destroyAll(orphans, store, deadline);
  counts.destroyed += destroyed.length;
  counts.failed += orphans.length - destroyed.length;
  return complete ? [] : ['the body store was not listed to its end'];
}

/** Returns whether it saw all pages. */
async function eachPage(
  store: BodyStore,
  deadline: Deadline,
  act: (entries: readonly BodyEntry[]) => Promise<void>,
): Promise<boolean> {
  let after: string | undefined;
  while (hasTime(deadline)) {
    const [page] = successes(await eachItem([after], (from) => store.list(from, deadline.signal)));
    if (page === undefined) return false;
    await act(page.entries);
    if (page.next === undefined) return true;
    after = page.next;
  }
  return false;
}

/** Returns the ids of the entries that are destroyed. */
async function destroyAll(ids: readonly string[], store: BodyStore, deadline: Deadline): Promise<readonly string[]> {
  const destroy = async (id: string) => {
    if (!hasTime(deadline)) return [];
    await store.destroy(id, deadline.signal);
    return [id];
  };
  return successes(await eachItem(ids, destroy)).flat();
}

const hasTime = (deadline: Deadline): boolean => deadline.remainingMs() > MARGIN_MS;

const NO_ID = '00000000-0000-0000-0000-000000000000';
const QUEUED = `SELECT b.record_id FROM vault.bodies_to_destroy AS b
  WHERE b.record_id > $1::uuid ORDER BY b.record_id LIMIT $2::integer`;
const FORGET = 'DELETE FROM vault.bodies_to_destroy AS b WHERE b.record_id = ANY ($1::uuid[])';
const WITHOUT_RECORD = `SELECT e.record_id FROM pg_catalog.unnest($1::uuid[]) AS e (record_id)
  WHERE NOT EXISTS (SELECT FROM vault.bodies AS b WHERE b.record_id = e.record_id)
    AND NOT EXISTS (SELECT FROM vault.bodies_to_destroy AS d WHERE d.record_id = e.record_id)`;
