import type { RecordStore } from '../store/store';
import { type DbSettings, createStore as createPostgresOnly } from './record-store';

export { DB_SETTINGS } from './record-store';

/** The store of records, with bodies elsewhere: replaces record-store.ts. */
export function createStore(settings: DbSettings): RecordStore {
  return createPostgresOnly(settings);
}
