import { randomBytes } from 'node:crypto';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ENV } from '../../lambda/contract/variables';
import type { Deployed } from '../emulator/deploy';
import { endpointConfig } from './endpoint';
import { functionName } from './functions';

/** The secret that signs deliveries on this machine. */
export interface SigningSecret {
  readonly arn: string;
  readonly value: string;
  /** true if the local vault created the value, false if the user stored it */
  readonly generated: boolean;
}

/** Prefix of generated secrets, so that none is mistaken for one of Dynamic's. */
const GENERATED_PREFIX = 'dyn_whsec_local_';

/**
 * Stores a generated signing secret if the vault's secret is empty, as an operator does after the webhook is
 * registered. Keeps an existing value.
 */
export async function fillSigningSecret(deployed: Deployed, environment: string): Promise<SigningSecret> {
  const arn = deployed.variables(functionName(environment, 'receive'))[ENV.webhookSecretArn] ?? '';
  const client = new SecretsManagerClient(endpointConfig(deployed));
  const value = (await valueOf(client, arn)) ?? (await generate(client, arn));
  return { arn, value, generated: value.startsWith(GENERATED_PREFIX) };
}

/** Returns the secret's value, or undefined if it is empty. */
async function valueOf(client: SecretsManagerClient, SecretId: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function generate(client: SecretsManagerClient, SecretId: string): Promise<string> {
  const SecretString = `${GENERATED_PREFIX}${randomBytes(24).toString('hex')}`;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return SecretString;
}
