import { type PostgresStore, createPostgresStore } from '../store/postgres';
import { databasePassword } from '../store/password';
import type { Revocation } from '../store/store';
import type { Settings } from './settings';

/**
 * The store of records: PostgreSQL. The bundles of vaults with a body store have record-store-elsewhere.ts in its place
 * (tools/build/bundle.ts).
 */

/** The settings that a function with a database connection reads. */
export const DB_SETTINGS = ['dbHost', 'dbPort', 'dbName', 'dbUser', 'dbCaFile', 'dbAuth'] as const;
export type DbSettings = Pick<Settings, (typeof DB_SETTINGS)[number]>;

const DAY_MS = 86_400_000;

export function createStore(settings: DbSettings): PostgresStore {
  return createPostgresStore({
    host: settings.dbHost,
    port: settings.dbPort,
    database: settings.dbName,
    user: settings.dbUser,
    caFile: settings.dbCaFile,
    password: databasePassword(settings),
  });
}

/** Returns when the last backup expires that could have the destroyed records, in milliseconds since 1970. */
export function unreadableAfter({ revokedAt }: Revocation, { backupDays }: Pick<Settings, 'backupDays'>): number {
  return revokedAt.getTime() + backupDays * DAY_MS;
}
