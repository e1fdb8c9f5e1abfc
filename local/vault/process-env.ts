import { CONSUMER_ENV, ENV } from '../../lambda/contract/variables';
import type { Deployed } from '../emulator/deploy';
import type { Credentials } from '../emulator/services/functions/environment';
import type { StackTemplate } from '../emulator/template';
import { CALLER_FUNCTIONS, environmentOf, functionName } from './functions';
import { keyArnsOf } from './keys';

export type Variables = Readonly<Record<string, string>>;

/** Returns the variables by which SDKs and the `aws` command line find the local endpoint. */
export function endpointVariables({ url, region }: Pick<Deployed, 'url' | 'region'>): Variables {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    // the only one that version 1 of the command line reads
    AWS_DEFAULT_REGION: region,
    // with either, an SDK refuses an endpoint's URL
    AWS_USE_FIPS_ENDPOINT: 'false',
    AWS_USE_DUALSTACK_ENDPOINT: 'false',
  };
}

/** Returns the variables by which SDKs and the `aws` command line reach the local endpoint as an identity. */
export function awsVariables(deployed: Pick<Deployed, 'url' | 'region'>, credentials: Credentials): Variables {
  return {
    ...endpointVariables(deployed),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

/** Throws unless a template has a vault, and a function of it has the actor's alias. */
export function requireActor(template: StackTemplate, actor: string): void {
  const environment = environmentOf(template);
  if (environment === undefined) throw new Error(`expected a template with a vault for the actor ${actor}, got none`);
  const actors = new Set(CALLER_FUNCTIONS.flatMap((key) => aliasesOf(template, functionName(environment, key))));
  if (actors.has(actor)) return;
  throw new Error(`expected an actor of ${environment} (${[...actors].join(', ')}), got ${actor}`);
}

/** Returns the variables that `ShareVaultClient.fromEnvironment` reads for an actor. */
export function actorVariables(deployed: Deployed, environment: string, actor: string): Variables {
  const { template } = deployed;
  const called = CALLER_FUNCTIONS.filter((key) => aliasesOf(template, functionName(environment, key)).includes(actor));
  const functions = called.map((key) => [CONSUMER_ENV[key], functionName(environment, key)] as const);
  // pairs, not JSON: shells, Docker and Node read the quotes of an environment file differently
  const keys = Object.entries(keyArnsOf(deployed, environment, 'seal')).map((pair) => pair.join('='));
  return {
    [ENV.environment]: environment,
    [CONSUMER_ENV.actor]: actor,
    ...Object.fromEntries(functions),
    ...(called.includes('seal') && { [ENV.intakeKeys]: keys.join(',') }),
  };
}

/** Returns the aliases of a function. */
export function aliasesOf(template: StackTemplate, name: string): readonly string[] {
  const id = template.functions().find((part) => part.name === name)?.logicalId;
  return template.aliases().flatMap((alias) => (alias.function === id ? [alias.name] : []));
}
