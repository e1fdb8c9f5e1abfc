import type { ClientBase } from 'pg';
import type { SweptBodies } from '../../contract/swept';
import { eachItem, successes } from '../../invocation/batch';
import { type Deadline, deadlineIn } from '../../invocation/deadline';
import type { Migrated } from '../migrate';
import { text } from '../rows';
import type { Row } from '../session';
import { Transactions } from '../transactions';
import type { BodyStore } from './body-store';

/** Reserved for the database's last transaction and the response. */
const MARGIN_MS = 15_000;
const BATCH = 500;
/** Of entries without a record, this many are named: their ids are no secrets. */
const NAMED = 3;

/** Adds the report of a sweep of bodies to that of a migration. */
export type BodySweep = (migrated: Migrated, client: ClientBase, deadline: Deadline) => Promise<Migrated>;

/** What the sweep found and did, before it is reported. */
type Counts = Record<Exclude<keyof SweptBodies, 'warnings'>, number>;

/**
 * Destroys the bodies whose records were destroyed, and those that were reserved over an hour ago and got no record: a
 * seal whose row was refused leaves one behind. Entries that this database never knew are reported and never destroyed:
 * they may belong to a database from whose backup this one was restored. What it has no time for, and what fails, is left
 * to the next sweep and reported. The client logs in as the master. Throws `VaultError` only for failures of the database.
 */
export async function sweepBodies(client: ClientBase, store: BodyStore, deadline: Deadline): Promise<SweptBodies> {
  const transactions = await Transactions.on(client, {});
  // a store that does not respond must not take the time of the response
  const own = deadlineIn(deadline.remainingMs() - MARGIN_MS, deadline.signal);
  const ask = async (query: string, ...values: readonly unknown[]): Promise<readonly string[]> => {
    const { rows } = await transactions.asOwner(() => client.query<Row>(query, [...values]));
    return rows.map((row) => text(row, 'record_id'));
  };
  const counts: Counts = { destroyed: 0, orphans: 0, failed: 0 };
  const destroyed = new Set<string>();
  // the bodies of revoked records first: however many others there are, they don't wait
  await destroyQueued(ask, store, own, { orphans: false, counts, destroyed });
  counts.orphans = await queueOrphans(ask, own);
  await destroyQueued(ask, store, own, { orphans: true, counts, destroyed });
  const warnings = await findUnknown(ask, store, own, destroyed);
  const all = [...(counts.failed > 0 ? [`bodies that could not be destroyed: ${counts.failed}`] : []), ...warnings];
  return { ...counts, ...(all.length > 0 && { warnings: all }) };
}

/** Runs a statement as the owner, in a transaction of its own. Returns the ids of its records. */
type Ask = (query: string, ...values: readonly unknown[]) => Promise<readonly string[]>;

/** Queues the bodies that got no record. From then on, a row that comes late is refused. Returns how many there are. */
async function queueOrphans(ask: Ask, deadline: Deadline): Promise<number> {
  let orphans = 0;
  while (hasTime(deadline)) {
    const { length } = await ask(QUEUE_ORPHANS, BATCH);
    orphans += length;
    if (length === 0) break;
  }
  return orphans;
}

interface Part {
  /** whether it is the bodies that got no record, or those of destroyed records */
  readonly orphans: boolean;
  readonly counts: Counts;
  /** gets the ids of the bodies that it destroys */
  readonly destroyed: Set<string>;
}

async function destroyQueued(
  ask: Ask,
  store: BodyStore,
  deadline: Deadline,
  { orphans, counts, destroyed }: Part,
): Promise<void> {
  // those that fail are not met again in this sweep
  for (let after = NO_ID; hasTime(deadline);) {
    const ids = await ask(QUEUED, after, BATCH, orphans);
    const done = await destroyAll(ids, store, deadline);
    await ask(FORGET, done);
    for (const id of done) destroyed.add(id);
    counts.destroyed += done.length;
    counts.failed += ids.length - done.length;
    if (ids.length < BATCH) return;
    after = ids.at(-1) ?? after;
  }
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

/** Returns what an operator has to know of entries without a record. A list may still have those destroyed just now. */
async function findUnknown(
  ask: Ask,
  store: BodyStore,
  deadline: Deadline,
  destroyed: ReadonlySet<string>,
): Promise<readonly string[]> {
  const unknown: string[] = [];
  let listed = 0;
  const complete = await eachPage(store, deadline, async (ids) => {
    listed += ids.length;
    unknown.push(...(await ask(UNKNOWN, ids)).filter((id) => !destroyed.has(id)));
  });
  const some = unknown.slice(0, NAMED).join(', ');
  return [
    ...(unknown.length > 0
      ? [
          `bodies without a record: ${unknown.length} of ${listed}, none was destroyed: was the database restored? ${some}`,
        ]
      : []),
    ...(complete ? [] : ['the body store was not listed to its end']),
  ];
}

/** Returns whether it saw all pages. */
async function eachPage(
  store: BodyStore,
  deadline: Deadline,
  act: (recordIds: readonly string[]) => Promise<void>,
): Promise<boolean> {
  let after: string | undefined;
  while (hasTime(deadline)) {
    const [page] = successes(await eachItem([after], (from) => store.list(from, deadline.signal)));
    if (page === undefined) return false;
    await act(page.recordIds);
    if (page.next === undefined) return true;
    after = page.next;
  }
  return false;
}

const hasTime = (deadline: Deadline): boolean => deadline.remainingMs() > 0;

const NO_ID = '00000000-0000-0000-0000-000000000000';
// longer than any function runs; a row that is being inserted has its reservation locked
const QUEUE_ORPHANS = `WITH orphans AS (
    DELETE FROM vault.reserved_bodies AS r WHERE r.record_id IN (
      SELECT s.record_id FROM vault.reserved_bodies AS s
        WHERE s.reserved_at < pg_catalog.clock_timestamp() - interval '1 hour'
        LIMIT $1::integer FOR UPDATE SKIP LOCKED)
    RETURNING r.record_id),
  queued AS (
    INSERT INTO vault.bodies_to_destroy (record_id)
      SELECT o.record_id FROM orphans AS o
        WHERE NOT EXISTS (SELECT FROM vault.bodies AS b WHERE b.record_id = o.record_id)
      ON CONFLICT DO NOTHING)
  SELECT o.record_id FROM orphans AS o`;
const QUEUED = `SELECT b.record_id FROM vault.bodies_to_destroy AS b
  WHERE b.record_id > $1::uuid AND (b.wallet_id IS NULL) = $3::boolean ORDER BY b.record_id LIMIT $2::integer`;
// a row that a function marks at the same time, or keeps locked, is forgotten by the next sweep
const FORGET = `DELETE FROM vault.bodies_to_destroy AS b WHERE b.record_id IN (
    SELECT s.record_id FROM vault.bodies_to_destroy AS s WHERE s.record_id = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED)`;
const UNKNOWN = `SELECT e.record_id FROM pg_catalog.unnest($1::uuid[]) AS e (record_id)
  WHERE NOT EXISTS (SELECT FROM vault.bodies AS b WHERE b.record_id = e.record_id)
    AND NOT EXISTS (SELECT FROM vault.bodies_to_destroy AS d WHERE d.record_id = e.record_id)
    AND NOT EXISTS (SELECT FROM vault.reserved_bodies AS r WHERE r.record_id = e.record_id)`;
