import { createBodyStore } from '../store/bodies/create';
import { delayDays } from '../store/bodies/delay';
import { StoreWithBodies } from '../store/bodies/with-bodies';
import type { PostgresStore } from '../store/postgres';
import type { Revocation } from '../store/store';
import { readBodySettings } from './body-settings';
import {
  type DbSettings,
  createStore as createPostgresOnly,
  unreadableAfter as whenBackupsExpire,
} from './record-store';
import type { Settings } from './settings';

export { DB_SETTINGS } from './record-store';

/** The store of records, with bodies elsewhere if the function is told so: replaces record-store.ts. */
export function createStore(settings: DbSettings & Partial<Pick<Settings, 'backupDays'>>): PostgresStore {
  const bodies = readBodySettings();
  if (bodies === undefined) return createPostgresOnly(settings);
  const { environment, description } = bodies;
  return new StoreWithBodies(createPostgresOnly(settings), createBodyStore(description, environment), {
    maxRecords: description.maxRecords,
    delayDays: delayDays(description),
    // only revoke reports when the records are unreadable, and only it has this setting
    backupDays: settings.backupDays ?? 0,
  });
}

export function unreadableAfter(revocation: Revocation, settings: Pick<Settings, 'backupDays'>): number {
  return revocation.unreadableAfter?.getTime() ?? whenBackupsExpire(revocation, settings);
}
