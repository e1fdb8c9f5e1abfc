import type { Settings } from './env';
import { createAwsKmsKey } from './keys/aws-kms';
import { createAwsKmsRsaKey } from './keys/aws-kms-rsa';
import type { KeyProvider, RsaKey } from './keys/provider';
import { createPostgresStore } from './store/postgres';
import { databasePassword } from './store/password';
import type { RecordStore } from './store/store';

/** The settings that a function with a database connection reads. */
export const DB_SETTINGS = ['dbHost', 'dbPort', 'dbName', 'dbUser', 'dbCaFile', 'dbAuth'] as const;
type DbSettings = Pick<Settings, (typeof DB_SETTINGS)[number]>;

/** What the functions are made of, from their settings. */

export function openShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  return createAwsKmsKey({ keyArn: settings.shareKeyArn });
}

export function openIntakeKeys(settings: Pick<Settings, 'intakeKeys'>): ReadonlyMap<string, RsaKey> {
  return new Map([...settings.intakeKeys].map(([kid, keyArn]) => [kid, createAwsKmsRsaKey({ keyArn })]));
}

export function openStore(settings: DbSettings): RecordStore {
  return createPostgresStore({
    host: settings.dbHost,
    port: settings.dbPort,
    database: settings.dbName,
    user: settings.dbUser,
    caFile: settings.dbCaFile,
    password: databasePassword(settings),
  });
}
