import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ENV } from '../../lambda/contract/variables';
import type { Application, DeployOptions, FunctionSetting } from '../emulator/deploy';
import type { DatabaseNames } from '../emulator/postgres';
import type { Template } from '../emulator/template';
import { callsElsewhere, elsewhereVariables, standInsOf } from './elsewhere';
import { isFunction } from './functions';

export interface VaultOptions extends Omit<DeployOptions, keyof Application> {
  /** folder with one bundle folder per function, for a template without its assets @default - the assets */
  readonly bundles?: string | undefined;
}

/** Names of every local vault's database and master user. Data folders keep these names. */
export const VAULT_DATABASE: DatabaseNames = { database: 'share_vault', master: 'share_vault_master' };

/** Returns options for the emulator, with everything vault-specific that it needs. */
export function vaultOptions({ bundles, ...options }: VaultOptions): DeployOptions {
  return {
    ...options,
    databaseNames: VAULT_DATABASE,
    isWebhook: (part) => isFunction(part, 'receive'),
    variables: (setting) => ({ ...databaseVariables(setting), ...elsewhereVariables(setting.part) }),
    standIns: standInsOf,
    callsElsewhere,
    ...(bundles !== undefined && { codeFolders: (template) => codeFolders(template, bundles) }),
  };
}

/** Replaces variables of the database in AWS by the port, names and certificate of the local one. */
function databaseVariables({ part: { environment }, template, postgres }: FunctionSetting): Record<string, string> {
  const [database] = template.databases();
  const replaced = Object.entries({
    [ENV.dbCaFile]: postgres.caFile,
    [ENV.dbPort]: String(postgres.port),
    [ENV.dbName]: postgres.database,
  }).filter(([name]) => name in environment);
  const isMaster = environment[ENV.dbUser] !== undefined && environment[ENV.dbUser] === database?.masterUser;
  return { ...Object.fromEntries(replaced), ...(isMaster && { [ENV.dbUser]: postgres.master.user }) };
}

/** Returns the folders of the vault's bundles by the S3 keys in its functions' `Code`. */
function codeFolders(template: Template, bundles: string): ReadonlyMap<string, string> {
  return new Map(Object.values(template.Resources).flatMap(({ Properties }) => codeFolder(Properties, bundles)));
}

/** Handler of the CDK's deployment helpers. Their code never runs here. */
export const HELPER_HANDLER = '__entrypoint__.handler';

/** Finds a function's bundle by its name: `share-vault-ENVIRONMENT-HANDLER`. */
function codeFolder(
  { Code, FunctionName, Handler }: Readonly<Record<string, unknown>>,
  bundles: string,
): readonly (readonly [string, string])[] {
  const key: unknown = typeof Code === 'object' && Code !== null ? Reflect.get(Code, 'S3Key') : undefined;
  if (typeof key !== 'string') return [];
  if (Handler === HELPER_HANDLER) return [[key, bundles]];
  const [, handler] =
    /^share-vault-.+?-(restore-check|[a-z]+)$/.exec(typeof FunctionName === 'string' ? FunctionName : '') ?? [];
  const bundle = join(bundles, handler ?? '');
  return handler !== undefined && existsSync(join(bundle, 'index.mjs')) ? [[key, bundle]] : [];
}
