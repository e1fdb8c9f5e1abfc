import { PostgresRestoreChecks } from '../store/restore-checks';
import type { Call } from './handler';
import { type DbSettings, createStore } from './record-store';
import type { Place } from './restored-host';
import type { FactsKeys } from './sealed-facts';

/** Parts of the function. */
export interface RestoreCheckParts extends FactsKeys {
  /** of the vault's own database */
  readonly checks: PostgresRestoreChecks;
  readonly own: Place;
  /** Connects to another database, as the same user, when it is first used. The caller closes it. */
  readonly connectTo: (place: Place) => PostgresRestoreChecks;
}

/** One invocation. */
export type RestoreCall = Pick<Call, 'deadline'>;

/** Restore checks, through a connection of their own. */
export function createRestoreChecks(settings: DbSettings): PostgresRestoreChecks {
  return new PostgresRestoreChecks(createStore(settings).session);
}
