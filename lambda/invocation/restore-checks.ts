import { PROVEN_FACTS } from '../contract/restore-checks';
import { PostgresRestoreChecks, type StoredTest } from '../store/restore-checks';
import type { Call } from './handler';
import { type DbSettings, createStore } from './record-store';
import type { Place } from './restored-host';
import { type FactsKeys, openFacts } from './sealed-facts';

/** What restore checks work with. */
export interface RestoreCheckParts extends FactsKeys {
  /** of the vault's own database */
  readonly checks: PostgresRestoreChecks;
  readonly own: Place;
  /** Connects to another database, as the same user, when it is first used. The caller closes it. */
  readonly connectTo: (place: Place) => PostgresRestoreChecks;
}

/** One invocation. */
export type RestoreCall = Pick<Call, 'deadline'>;

const DAY_MS = 86_400_000;

/** Restore checks, through a connection of their own. */
export function createRestoreChecks(settings: DbSettings): PostgresRestoreChecks {
  return new PostgresRestoreChecks(createStore(settings).session);
}

/**
 * Returns the whole days since the newest successful test, by its sealed facts; without one, since the first canary. Throws as
 * `openFacts` if the newest one was not written by this function.
 */
export async function daysSinceTest({ deadline }: RestoreCall, parts: RestoreCheckParts): Promise<number> {
  const { checks } = parts;
  const { at: now, firstCanaryAt = now } = await checks.holdings(undefined, deadline);
  const newest = await checks.test(undefined, deadline);
  const since = newest === undefined ? firstCanaryAt : await provenAt(newest, { deadline }, parts);
  return Math.max(0, Math.floor((now.getTime() - since.getTime()) / DAY_MS));
}

async function provenAt(test: StoredTest, { deadline }: RestoreCall, parts: RestoreCheckParts): Promise<Date> {
  const { restoreJobId, facts, sealed = Buffer.alloc(0) } = test;
  const { at } = await openFacts(restoreJobId, { facts, sealed }, PROVEN_FACTS, parts, deadline.signal);
  return new Date(at);
}
