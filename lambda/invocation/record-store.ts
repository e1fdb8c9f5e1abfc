import { createPostgresStore } from '../store/postgres';
import { databasePassword } from '../store/password';
import type { RecordStore } from '../store/store';
import type { Settings } from './settings';

/**
 * The store of records: PostgreSQL. The bundles of vaults with a body store have record-store-elsewhere.ts in its place
 * (tools/build/bundle.ts).
 */

/** The settings that a function with a database connection reads. */
export const DB_SETTINGS = ['dbHost', 'dbPort', 'dbName', 'dbUser', 'dbCaFile', 'dbAuth'] as const;
export type DbSettings = Pick<Settings, (typeof DB_SETTINGS)[number]>;

export function createStore(settings: DbSettings): RecordStore {
  return createPostgresStore({
    host: settings.dbHost,
    port: settings.dbPort,
    database: settings.dbName,
    user: settings.dbUser,
    caFile: settings.dbCaFile,
    password: databasePassword(settings),
  });
}
