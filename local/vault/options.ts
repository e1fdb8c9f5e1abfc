import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ENV } from '../../lambda/contract/variables';
import type { Application, DeployOptions, FunctionSetting } from '../emulator/deploy';
import type { DatabaseNames } from '../emulator/postgres';
import type { Template } from '../emulator/template';
import { isFunction } from './functions';

export interface VaultOptions extends Omit<DeployOptions, keyof Application> {
  /** folder with a folder for each of the vault's functions, for a template without its assets @default - the assets */
  readonly bundles?: string | undefined;
}

/** The database of every vault on this machine. Data folders hold it under these names. */
export const VAULT_DATABASE: DatabaseNames = { database: 'share_vault', master: 'share_vault_master' };

/** Returns options for the emulator, with all that it has to know of a vault. */
export function vaultOptions({ bundles, ...options }: VaultOptions): DeployOptions {
  return {
    ...options,
    databaseNames: VAULT_DATABASE,
    isWebhook: (part) => isFunction(part, 'receive'),
    variables: databaseVariables,
    ...(bundles !== undefined && { codeFolders: (template) => codeFolders(template, bundles) }),
  };
}

/** Replaces the variables that name the database in AWS: here it has a port, names and a certificate of its own. */
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

/** Returns the folders of the vault's bundles by the object keys that its functions name. */
function codeFolders(template: Template, bundles: string): ReadonlyMap<string, string> {
  return new Map(Object.values(template.Resources).flatMap(({ Properties }) => codeFolder(Properties, bundles)));
}

/** CDK's helpers for deploys: their code never runs here. */
const HELPER = '__entrypoint__.handler';

/** The vault's functions are called `share-vault-ENVIRONMENT-HANDLER`. */
function codeFolder(
  { Code, FunctionName, Handler }: Readonly<Record<string, unknown>>,
  bundles: string,
): readonly (readonly [string, string])[] {
  const key: unknown = typeof Code === 'object' && Code !== null ? Reflect.get(Code, 'S3Key') : undefined;
  if (typeof key !== 'string') return [];
  if (Handler === HELPER) return [[key, bundles]];
  const [, handler] = /^share-vault-.+-([a-z]+)$/.exec(typeof FunctionName === 'string' ? FunctionName : '') ?? [];
  const bundle = join(bundles, handler ?? '');
  return handler !== undefined && existsSync(join(bundle, 'index.mjs')) ? [[key, bundle]] : [];
}
