import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Client } from 'pg';
import { ShareVaultClient } from '../../client/index';
import { ENV } from '../../lambda/contract/variables';
import { type Deployed, deployTemplate } from '../emulator/deploy';
import type { Credentials } from '../emulator/services/functions/environment';
import { openDatabase } from './database';
import { endpointConfig } from './endpoint';
import { CALLER_FUNCTIONS, FUNCTION_KEYS, type FunctionKey, functionName, requireVault } from './functions';
import { type SenderKey, intakeKeys } from './keys';
import { type VaultOptions, vaultOptions } from './options';
import { openWebhook } from './webhook';

export type { SenderKey, VaultOptions };

/** A vault that is deployed to this machine, with the access of an account administrator. */
export interface LocalVault extends Deployed {
  readonly environment: string;
  /** the administrator's credentials */
  readonly credentials: Credentials;
  /** the functions' names */
  readonly functions: Readonly<Record<FunctionKey, string>>;
  readonly keys: {
    readonly shareKeyArn: string;
    readonly intakeKeyArn: string;
    readonly webhookKeyArn: string;
    /** the key to which callers encrypt materials */
    readonly intakeKey: SenderKey;
  };
  /** the webhook's settings for Dynamic's console */
  readonly webhook: SenderKey & {
    /** the address for deliveries */
    readonly url: string;
    /** the secret that signs deliveries */
    readonly secret: string;
    readonly secretArn: string;
  };
  /** Returns the first actor that may call all of these functions. Throws if none may. */
  actor(...keys: readonly FunctionKey[]): string;
  /** Returns a client that calls as an actor. @param lambda - the administrator's client by default */
  client(actor: string, lambda?: LambdaClient): ShareVaultClient;
  lambdaClient(credentials?: Credentials): LambdaClient;
  /** Connects as the superuser, or as a function's database user with a token of its role. The caller ends it. */
  database(user: string): Promise<Client>;
  /** Returns a function's environment variables. `lambda.updateFunction` replaces them. */
  functionEnv(key: FunctionKey): Readonly<Record<string, string>>;
}

/** Deploys a template and fills the webhook's signing secret. Throws if the template has no vault with a webhook. */
export async function startVault(options: VaultOptions): Promise<LocalVault> {
  const deployed = await deployTemplate(vaultOptions(options));
  try {
    return await openVault(deployed);
  } catch (error) {
    await deployed.close();
    throw error;
  }
}

async function openVault(deployed: Deployed): Promise<LocalVault> {
  const { administrator } = deployed;
  const environment = requireVault(deployed.template);
  const [webhook, [intakeKey]] = await Promise.all([
    openWebhook(deployed, environment),
    intakeKeys(deployed, environment),
  ]);
  const [webhookKey] = webhook?.keys ?? [];
  if (webhook === undefined || webhookKey === undefined || intakeKey === undefined) {
    throw new Error('expected a vault with a webhook and its keys in KMS, got one without');
  }
  const functions = namesIn(environment);
  const functionEnv = (key: FunctionKey): Readonly<Record<string, string>> => deployed.variables(functions[key]);
  const lambdaClient: LocalVault['lambdaClient'] = (credentials = administrator) =>
    new LambdaClient(endpointConfig(deployed, { credentials, maxAttempts: 1 }));
  return {
    ...{ ...deployed, environment, credentials: administrator, functions, functionEnv, lambdaClient },
    webhook: { ...webhookKey, url: webhook.url, secret: webhook.signing.value, secretArn: webhook.signing.arn },
    keys: {
      shareKeyArn: functionEnv('unseal')[ENV.shareKeyArn] ?? '',
      intakeKeyArn: intakeKey.arn,
      webhookKeyArn: webhookKey.arn,
      intakeKey,
    },
    actor: (...keys) => {
      const found = commonAlias(
        deployed,
        keys.map((key) => functions[key]),
      );
      if (found !== undefined) return found;
      throw new Error(`expected an actor of ${environment} that may call ${keys.join(', ')}, got none`);
    },
    client: (actor, lambda = lambdaClient()) =>
      new ShareVaultClient({
        ...{ environment, actor, lambda, intakeKeys: [intakeKey] },
        functions: Object.fromEntries(CALLER_FUNCTIONS.map((key) => [key, functions[key]])),
      }),
    database: (user) => openDatabase(deployed, Object.values(functions), user),
  };
}

function namesIn(environment: string): LocalVault['functions'] {
  const names = FUNCTION_KEYS.map((key) => [key, functionName(environment, key)] as const);
  return Object.fromEntries(names) as LocalVault['functions'];
}

/** Returns the first alias that all of these functions have. */
function commonAlias({ template }: Deployed, names: readonly string[]): string | undefined {
  const ids = template.functions().flatMap(({ logicalId, name }) => (names.includes(name) ? [logicalId] : []));
  const aliases = ids.map((id) => template.aliases().flatMap((alias) => (alias.function === id ? [alias.name] : [])));
  const [first = [], ...others] = aliases;
  return first.find((name) => others.every((list) => list.includes(name)));
}
