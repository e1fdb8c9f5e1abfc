import { secretVersions } from '../webhook/secret-versions';
import { SigningSecret } from '../webhook/signing-secret';
import type { Settings } from './settings';
import { createAwsKmsKey } from '../keys/aws-kms';
import { createAwsKmsRsaKey } from '../keys/aws-kms-rsa';
import type { KeyProvider, RsaKey } from '../keys/provider';
import { createSecretRsaKey } from '../keys/secret-rsa';
import { createPostgresStore } from '../store/postgres';
import { databasePassword } from '../store/password';
import type { RecordStore } from '../store/store';

/** The settings that a function with a database connection reads. */
export const DB_SETTINGS = ['dbHost', 'dbPort', 'dbName', 'dbUser', 'dbCaFile', 'dbAuth'] as const;
type DbSettings = Pick<Settings, (typeof DB_SETTINGS)[number]>;

/** The functions' parts, created from their settings. */

export function createShareKey(settings: Pick<Settings, 'shareKeyArn'>): KeyProvider {
  return createAwsKmsKey({ keyArn: settings.shareKeyArn });
}

export function createIntakeKeys(settings: Pick<Settings, 'intakeKeys'>): ReadonlyMap<string, RsaKey> {
  return new Map([...settings.intakeKeys].map(([kid, keyArn]) => [kid, createAwsKmsRsaKey({ keyArn })]));
}

/** By kid, in the order of the setting: if no kid decides, keys are tried in this order. */
export function createWebhookKeys(settings: Pick<Settings, 'webhookKeys'>): ReadonlyMap<string, RsaKey> {
  return new Map([...settings.webhookKeys].map(([kid, arn]) => [kid, createWebhookKey(arn)]));
}

/** A key in KMS, or a private key that existed before the vault. */
function createWebhookKey(arn: string): RsaKey {
  return arn.split(':')[2] === 'secretsmanager'
    ? createSecretRsaKey({ secretArn: arn })
    : createAwsKmsRsaKey({ keyArn: arn });
}

export function createSigningSecret(settings: Pick<Settings, 'webhookSecretArn'>): SigningSecret {
  return new SigningSecret(secretVersions(settings.webhookSecretArn));
}

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
