import { type FunctionConfiguration, GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { ENV } from '../../../lambda/contract/variables';
import type { Clients } from './clients';
import { type Read, hasValue, read } from './read';

/** Names of a vault's functions after `share-vault-ENVIRONMENT-`. `receive` exists with a webhook only. */
export const OPERATIONS = [
  'seal',
  'unseal',
  'revoke',
  'properties',
  'audit',
  'freeze',
  'thaw',
  'migrate',
  'receive',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** A parameter below `/share-vault/ENVIRONMENT/`. */
export interface Published {
  /** `keys/intake/intake-1` */
  readonly path: string;
  readonly value: string;
  /** The parameter's own ARN. */
  readonly arn: string;
}

/** A vault's facts, read for the checks. */
export interface Vault {
  readonly environment: string;
  readonly clients: Clients;
  readonly published: Read<readonly Published[]>;
  readonly functions: ReadonlyMap<OperationName, Read<FunctionConfiguration>>;
  /** The host name of the database, from a function's environment; undefined if it can't be read. */
  readonly databaseHost: string | undefined;
  readonly databasePort: number | undefined;
  readonly shareKeyArn: string | undefined;
  /** Whether a key outside AWS wraps the data keys, and no share key in AWS KMS does. */
  readonly hasExternalShareKey: boolean;
  readonly storageKeyArn: string | undefined;
}

export function functionNameOf(environment: string, operation: OperationName): string {
  return `share-vault-${environment}-${operation}`;
}

/** Reads a vault's published parameters and its functions' configurations. */
export async function readVault(environment: string, clients: Clients): Promise<Vault> {
  const configured = OPERATIONS.map(async (operation) => {
    const FunctionName = functionNameOf(environment, operation);
    const call = () => clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return [operation, await read('lambda:GetFunctionConfiguration', call)] as const;
  });
  const functions = new Map(await Promise.all(configured));
  const unseal = functions.get('unseal');
  const configuration = unseal && hasValue(unseal) ? unseal.value : undefined;
  const variables = configuration?.Environment?.Variables ?? {};
  return {
    environment,
    clients,
    functions,
    published: await read('ssm:GetParametersByPath', () => readPublished(environment, clients)),
    databaseHost: variables[ENV.dbHost],
    databasePort: Number(variables[ENV.dbPort]) || undefined,
    shareKeyArn: variables[ENV.shareKeyArn],
    hasExternalShareKey: variables[ENV.shareKeyArn] === undefined && variables[ELSEWHERE_ENV.otherKeys] !== undefined,
    storageKeyArn: configuration?.KMSKeyArn,
  };
}

/** Returns the identifier of the database's cluster, by its host name in Aurora. */
export function clusterOf({ databaseHost }: Vault): string | undefined {
  return /^([a-z0-9-]+)\.cluster-/.exec(databaseHost ?? '')?.[1];
}

/** The published value at a path, if parameters can be read and it exists. */
export function publishedAt({ published }: Vault, path: string): Published | undefined {
  return hasValue(published) ? published.value.find((each) => each.path === path) : undefined;
}

/** Most pages that are read: a vault publishes some ten parameters. */
const PAGES = 100;

async function readPublished(environment: string, { ssm }: Clients): Promise<readonly Published[]> {
  const Path = `/share-vault/${environment}`;
  const found: Published[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const response = await ssm.send(
      new GetParametersByPathCommand({ Path, Recursive: true, ...(NextToken && { NextToken }) }),
    );
    for (const { Name = '', Value = '', ARN = '' } of response.Parameters ?? []) {
      found.push({ path: Name.slice(Path.length + 1), value: Value, arn: ARN });
    }
    NextToken = response.NextToken;
    if (NextToken === undefined) break;
  }
  return found;
}
