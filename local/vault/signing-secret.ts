import { randomBytes } from 'node:crypto';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ENV } from '../../lambda/contract/variables';
import type { Deployed } from '../emulator/deploy';
import { functionName } from './functions';

/** What deliveries are signed with on this machine. */
export interface SigningSecret {
  readonly arn: string;
  readonly value: string;
  /** false where somebody gave it one of their own */
  readonly madeUp: boolean;
}

/** Begins what is made up here, so that it is never taken for one of Dynamic's own. */
const MADE_UP = 'dyn_whsec_local_';

/**
 * Fills the vault's empty signing secret, as an operator does once the webhook is registered, with one that is made up;
 * a value that stands is left alone.
 */
export async function fillSigningSecret(deployed: Deployed, environment: string): Promise<SigningSecret> {
  const arn = deployed.variables(functionName(environment, 'receive'))[ENV.webhookSecretArn] ?? '';
  const { url: endpoint, region, administrator: credentials } = deployed;
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  const value = (await valueOf(client, arn)) ?? (await makeUp(client, arn));
  return { arn, value, madeUp: value.startsWith(MADE_UP) };
}

/** Undefined where it is still empty. */
async function valueOf(client: SecretsManagerClient, SecretId: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function makeUp(client: SecretsManagerClient, SecretId: string): Promise<string> {
  const SecretString = `${MADE_UP}${randomBytes(24).toString('hex')}`;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return SecretString;
}
