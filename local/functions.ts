import { join } from 'node:path';
import type { Kind } from '../lambda/api';
import { ENV } from '../lambda/env';
import { INTAKE_KID, type VaultKeys, WEBHOOK_KID } from './keys';
import type { FunctionOptions } from './lambda/lambda-function';
import type { LocalPostgres } from './postgres';
import type { VaultSecrets } from './secrets';

/** An alias of a function that no actor has: whoever comes through it is refused by the handler. */
export const STRANGER = 'stranger';
/** The alias through which the HTTP API invokes. */
export const LIVE = 'live';

/** The functions that callers call. */
export const CALLED = ['seal', 'unseal', 'revoke', 'properties', 'audit'] as const;
export type CalledKey = (typeof CALLED)[number];
/** Those that are database users of their own. */
export const SERVING = [...CALLED, 'receive'] as const;
export type ServingKey = (typeof SERVING)[number];
export const FUNCTION_KEYS = [...SERVING, 'migrate'] as const;
export type FunctionKey = (typeof FUNCTION_KEYS)[number];

const MIGRATE_MS = 60_000;
/** Deliveries come in bursts, and the function has no limit of its own in AWS. */
const RECEIVE_CONCURRENCY = 24;

/** Which database user each of them is; `migrate` is the master. */
export const DATABASE_USERS: Readonly<Record<ServingKey, string>> = {
  seal: 'vault_sealer',
  unseal: 'vault_unsealer',
  revoke: 'vault_revoker',
  properties: 'vault_reader',
  audit: 'vault_auditor',
  receive: 'vault_receiver',
};

/** Which actors may call what. */
export const ACTORS: Readonly<Record<CalledKey, Readonly<Record<string, readonly Kind[]>>>> = {
  seal: { signer: ['delegated-share'] },
  unseal: { signer: ['delegated-share'] },
  revoke: { signer: ['delegated-share'] },
  properties: { signer: ['delegated-share'], auditor: ['delegated-share'] },
  audit: { auditor: ['delegated-share'] },
};

export interface FunctionsOf {
  readonly environment: string;
  /** folder with a bundle for each function */
  readonly bundles: string;
  /** of KMS and Secrets Manager */
  readonly url: string;
  readonly keys: VaultKeys;
  readonly secrets: VaultSecrets;
  readonly postgres: LocalPostgres;
  readonly timeoutMs: number;
  /** within which a webhook is answered, where the function is given longer than that */
  readonly webhookBudgetMs: number;
}

export function functionName(environment: string, key: FunctionKey): string {
  return `share-vault-${environment}-${key}`;
}

/** The functions as they stand before the database users have passwords. */
export function vaultFunctions(of: FunctionsOf): readonly FunctionOptions[] {
  return [...CALLED.map((key) => calledFunction(of, key)), receiveFunction(of), migrateFunction(of)];
}

function calledFunction(of: FunctionsOf, key: CalledKey): FunctionOptions {
  const shareKey = { [ENV.shareKeyArn]: of.keys.shareKeyArn };
  const extra = {
    seal: { ...shareKey, [ENV.intakeKeys]: JSON.stringify({ [INTAKE_KID]: of.keys.intakeKeyArn }) },
    unseal: shareKey,
    revoke: { [ENV.backupDays]: '35' },
    properties: {},
    audit: {},
  };
  return {
    ...common(of, key),
    aliases: [...Object.keys(ACTORS[key]), STRANGER],
    env: { ...databaseEnv(of, DATABASE_USERS[key]), ...extra[key], [ENV.actors]: JSON.stringify(ACTORS[key]) },
  };
}

function receiveFunction(of: FunctionsOf): FunctionOptions {
  return {
    ...common(of, 'receive'),
    aliases: [LIVE],
    maxConcurrency: RECEIVE_CONCURRENCY,
    env: {
      ...databaseEnv(of, DATABASE_USERS.receive),
      [ENV.shareKeyArn]: of.keys.shareKeyArn,
      [ENV.webhookKeys]: JSON.stringify({ [WEBHOOK_KID]: of.keys.webhookKeyArn }),
      [ENV.webhookSecretArn]: of.secrets.signingSecretArn,
      [ENV.webhookBudgetMs]: String(of.webhookBudgetMs),
    },
  };
}

function migrateFunction(of: FunctionsOf): FunctionOptions {
  return {
    ...common(of, 'migrate'),
    timeoutMs: MIGRATE_MS,
    env: { ...databaseEnv(of, of.postgres.master.user), [ENV.dbSecretArn]: of.secrets.masterSecretArn },
  };
}

function common(of: FunctionsOf, key: FunctionKey): FunctionOptions {
  return { name: functionName(of.environment, key), bundleDir: join(of.bundles, key), timeoutMs: of.timeoutMs };
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
