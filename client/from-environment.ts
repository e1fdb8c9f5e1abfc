import type { KMSClient } from '@aws-sdk/client-kms';
import { regionOf } from './arn';
import { readConnection } from './connection';
import { fetchIntakeKeys } from './fetch-intake-keys';
import { type ParameterStore, lookUp } from './lookup';
import type { ShareVaultClientOptions } from './options';

/** Options of `ShareVaultClient.fromEnvironment`; those of the constructor have the same meaning. */
export interface EnvironmentOptions extends Partial<Omit<ShareVaultClientOptions, 'functions'>> {
  /** with `actor`: the vault to look up in Parameter Store. @default - the vault of the process's variables */
  readonly environment?: string;
  /** with `environment`: the actor to look up. @default - the actor of the process's variables */
  readonly actor?: string;
  /** reads the parameters, if the vault is looked up. @default - a client with the process's configuration */
  readonly ssm?: ParameterStore;
  /** fetches the public half of the intake key at the first seal. @default - a client with the process's credentials */
  readonly kms?: Pick<KMSClient, 'send'>;
}

/** Returns the options of a client of the vault that the process is connected to, or that is looked up. */
export async function readEnvironment(options: EnvironmentOptions): Promise<ShareVaultClientOptions> {
  const { environment, actor, ssm, kms, ...given } = options;
  const needsKeys = given.intakeKeys === undefined;
  const isNamed = environment !== undefined || actor !== undefined;
  const { keys, ...connection } = isNamed
    ? await lookUp({ environment, actor, region: given.region, ssm, needsKeys })
    : readConnection(process.env, needsKeys);
  const { functions } = connection;
  const region = given.region ?? Object.values(functions).flatMap((name) => regionOf(name) ?? [])[0];
  // only the first is used
  const newest = Object.fromEntries(Object.entries(keys).slice(0, 1));
  const intakeKeys = given.intakeKeys ?? (() => fetchIntakeKeys({ keys: newest, functions, kms }));
  return { ...given, ...connection, ...(region !== undefined && { region }), intakeKeys };
}
