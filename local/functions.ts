import { join } from 'node:path';
import type { Kind } from '../lambda/api';
import { ENV } from '../lambda/env';
import { INTAKE_KID, type VaultKeys } from './keys';
import type { FunctionOptions } from './lambda/lambda-function';
import type { LocalPostgres } from './postgres';

/** An alias of a function that no actor has: whoever comes through it is refused by the handler. */
export const STRANGER = 'stranger';

/** The functions that callers call. */
export const CALLED = ['seal', 'unseal', 'revoke', 'audit'] as const;
export type CalledKey = (typeof CALLED)[number];
export const FUNCTION_KEYS = [...CALLED, 'migrate'] as const;
export type FunctionKey = (typeof FUNCTION_KEYS)[number];
const MIGRATE_MS = 60_000;

/** Which database user each of them is; `migrate` is the master. */
export const DATABASE_USERS = {
  seal: 'vault_sealer',
  unseal: 'vault_unsealer',
  revoke: 'vault_revoker',
  audit: 'vault_auditor',
} as const;

/** Which actors may call what. */
const ACTORS: Readonly<Record<keyof typeof DATABASE_USERS, Readonly<Record<string, readonly Kind[]>>>> = {
  seal: { signer: ['delegated-share'] },
  unseal: { signer: ['delegated-share'] },
  revoke: { signer: ['delegated-share'] },
  audit: { auditor: ['delegated-share'] },
};

export interface FunctionsOf {
  readonly environment: string;
  /** folder with a bundle for each function */
  readonly bundles: string;
  /** of KMS and Secrets Manager */
  readonly url: string;
  readonly keys: VaultKeys;
  readonly postgres: LocalPostgres;
  readonly masterSecretArn: string;
  readonly timeoutMs: number;
}

export function functionName(environment: string, key: FunctionKey): string {
  return `share-vault-${environment}-${key}`;
}

/** The functions as they stand before the database users have passwords. */
export function vaultFunctions(of: FunctionsOf): readonly FunctionOptions[] {
  const shareKey = { [ENV.shareKeyArn]: of.keys.shareKeyArn };
  const extra = {
    seal: { ...shareKey, [ENV.intakeKeys]: JSON.stringify({ [INTAKE_KID]: of.keys.intakeKeyArn }) },
    unseal: shareKey,
    revoke: { [ENV.backupDays]: '35' },
    audit: {},
  };
  const called = CALLED.map((key) => ({
    name: functionName(of.environment, key),
    bundleDir: join(of.bundles, key),
    timeoutMs: of.timeoutMs,
    aliases: [...Object.keys(ACTORS[key]), STRANGER],
    env: { ...databaseEnv(of, DATABASE_USERS[key]), ...extra[key], [ENV.actors]: JSON.stringify(ACTORS[key]) },
  }));
  return [...called, migrateFunction(of)];
}

function migrateFunction(of: FunctionsOf): FunctionOptions {
  return {
    name: functionName(of.environment, 'migrate'),
    bundleDir: join(of.bundles, 'migrate'),
    timeoutMs: MIGRATE_MS,
    env: { ...databaseEnv(of, of.postgres.master.user), [ENV.dbSecretArn]: of.masterSecretArn },
  };
}

function databaseEnv({ environment, url, postgres }: FunctionsOf, user: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    [ENV.environment]: environment,
    [ENV.dbHost]: postgres.host,
    [ENV.dbPort]: String(postgres.port),
    [ENV.dbName]: postgres.database,
    [ENV.dbUser]: user,
    [ENV.dbCaFile]: postgres.caFile,
    [ENV.dbAuth]: 'password',
  };
}
