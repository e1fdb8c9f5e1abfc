import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { LocalPostgres } from './postgres';

/** What the vault on this machine keeps in Secrets Manager. */
export interface VaultSecrets {
  /** of the database's master */
  readonly masterSecretArn: string;
  /** of Dynamic's signing secret */
  readonly signingSecretArn: string;
  /** its value */
  readonly signingSecret: string;
}

const MASTER_SECRET = 'share-vault/master';

/** @param environment of the vault, in the name of its signing secret */
export async function openVaultSecrets(
  client: SecretsManagerClient,
  environment: string,
  postgres: LocalPostgres,
): Promise<VaultSecrets> {
  const masterSecretArn = await storeMasterSecret(client, postgres);
  const signingSecretArn = await createEmpty(client, `share-vault/${environment}/webhook-signing-secret`);
  return { masterSecretArn, signingSecretArn, signingSecret: await fillOnce(client, signingSecretArn) };
}

/** The master's secret, as the cluster keeps it. */
async function storeMasterSecret(client: SecretsManagerClient, { master }: LocalPostgres): Promise<string> {
  const SecretId = await createEmpty(client, MASTER_SECRET);
  const SecretString = JSON.stringify({ username: master.user, password: master.password });
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return SecretId;
}

/** The ARN of a secret that a deploy makes without a value, and leaves alone where it is. */
async function createEmpty(client: SecretsManagerClient, Name: string): Promise<string> {
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name })).catch(async (error: unknown) => {
    if (!(error instanceof ResourceExistsException)) throw error;
    return client.send(new DescribeSecretCommand({ SecretId: Name }));
  });
  return ARN;
}

/** As the operator fills it once the webhook is registered: here with one that is made up at the first start. */
async function fillOnce(client: SecretsManagerClient, SecretId: string): Promise<string> {
  const { SecretString = '' } = await client
    .send(new GetSecretValueCommand({ SecretId }))
    .catch(async (error: unknown) => {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      const value = `dyn_whsec_${randomBytes(24).toString('hex')}`;
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
      return { SecretString: value };
    });
  return SecretString;
}
