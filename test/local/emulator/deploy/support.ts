import { createPublicKey, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Signer } from '@aws-sdk/rds-signer';
import { Operation } from '../../../../lib/operation';
import { createdBody, deliveryHeaders, sealMaterials } from '../../../../client/delivery';
import { ShareVaultClient } from '../../../../client/index';
import { connectDatabase } from '../../../../local/emulator/postgres/connection';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import { type VaultOptions, vaultOptions } from '../../../../local/vault/options';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { type TestWallet, makeWallet } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData, keepKeys } from '../../../support/vault-template';
import { ENVIRONMENT, SIGNER } from './consumer';

const CONSUMER_STACK = join(__dirname, 'consumer-stack.ts');

/** The template of a consumer's stack, with its assets in the same folder. */
export function consumerTemplate(): string {
  return join(synthesized(CONSUMER_STACK), 'Mine.template.json');
}

/** Starts a deployment with a registered webhook. Searches its logs for materials at the end of the run. */
export async function deployTest(options: Partial<VaultOptions> = {}): Promise<Deployed> {
  const template = consumerTemplate();
  const { dataDir = await freshData(template) } = options;
  const vault = await deployTemplate(vaultOptions({ template, logDir: logFolder(), ...options, dataDir }));
  if (options.amend === undefined) keepKeys(template, dataDir);
  await fillSigningSecret(vault);
  return vault;
}

/** Returns the SDK configuration for a deployment and credentials, without retries. */
export function as(vault: Deployed, credentials: Credentials) {
  return { endpoint: vault.url, region: vault.region, credentials, maxAttempts: 1 };
}

const SIGNING_SECRET = `dyn_whsec_${randomUUID()}`;

/** Stores the webhook's signing secret, as an operator does after the registration at Dynamic. */
async function fillSigningSecret(vault: Deployed): Promise<void> {
  const SecretId = await published(vault, 'webhook/secret');
  const secrets = new SecretsManagerClient(as(vault, vault.administrator));
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: SIGNING_SECRET }));
}

/** Reads a parameter of the vault as a developer does. */
export async function published(vault: Deployed, path: string): Promise<string> {
  const ssm = new SSMClient(as(vault, vault.administrator));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/share-vault/${ENVIRONMENT}/${path}` }));
  return Parameter?.Value ?? '';
}

export async function publicKey(vault: Deployed, KeyId: string, credentials = vault.administrator): Promise<string> {
  const { PublicKey } = await new KMSClient(as(vault, credentials)).send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

const CALLS: Readonly<Record<'signer' | 'auditor' | 'guard' | 'second', readonly Operation[]>> = {
  signer: SIGNER,
  auditor: [Operation.AUDIT],
  guard: [Operation.FREEZE],
  second: [Operation.THAW],
};

/** Returns the typed client with a role's credentials, and fetches the intake key with them. */
export async function clientOf(
  vault: Deployed,
  actor: keyof typeof CALLS,
  credentials: Credentials,
): Promise<ShareVaultClient> {
  const functions = Object.fromEntries(CALLS[actor].map((name) => [name, `share-vault-${ENVIRONMENT}-${name}`]));
  const shared = {
    environment: ENVIRONMENT,
    actor,
    functions,
    lambda: new LambdaClient(as(vault, credentials)),
    attempts: 1,
  };
  if (actor !== 'signer') return new ShareVaultClient(shared);
  const intake = await published(vault, 'keys/intake/intake-1');
  const intakeKeys = [{ kid: 'intake-1', publicKey: await publicKey(vault, intake, credentials) }];
  return new ShareVaultClient({ ...shared, intakeKeys });
}

/** Delivers a wallet as Dynamic does. Returns status and code. */
export async function deliver(vault: Deployed, wallet: TestWallet): Promise<string> {
  const pem = await publicKey(vault, await published(vault, 'keys/webhook/webhook-1'));
  const sealed = sealMaterials(wallet.materials, { publicKey: createPublicKey(pem), kid: 'webhook-1' });
  const body = createdBody(wallet, sealed, { eventId: randomUUID() });
  const headers = deliveryHeaders(body, SIGNING_SECRET);
  const response = await fetch(vault.webhookUrl ?? '', { method: 'POST', headers, body: new Uint8Array(body) });
  const reply = (await response.json()) as { readonly code?: string; readonly message?: string };
  return `${response.status} ${reply.code ?? reply.message ?? ''}`;
}

/** Returns a copy of the material from the backend's unseal. */
export async function unseal(client: ShareVaultClient, wallet: TestWallet): Promise<TestWallet['materials']> {
  const { walletId, chain } = wallet;
  using record = await client.unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' });
  return { delegatedShare: Buffer.from(record.delegatedShare), walletApiKey: Buffer.from(record.walletApiKey) };
}

/** Logs in with a token for `tokenFor`, signed with these credentials. Returns the current user. */
export async function logIn(vault: Deployed, user: string, credentials: Credentials, tokenFor = user): Promise<string> {
  const { port } = vault.postgres;
  const signer = new Signer({ hostname: 'localhost', port, username: tokenFor, region: vault.region, credentials });
  const client = await connectDatabase(vault.postgres, user, await signer.getAuthToken());
  try {
    const { rows } = await client.query<{ user: string }>('SELECT current_user AS user');
    return rows[0]?.user ?? '';
  } finally {
    await client.end();
  }
}

export { BACKEND, BUNDLES, ENVIRONMENT, WATCHER } from './consumer';
export { type TestWallet, makeWallet };

/** An auditor's request about an unknown wallet. */
export const AUDIT = { action: 'records', walletId: 'none', chain: 'EVM' };

/** Returns the ARN of one of the vault's keys. */
export function keyNamed(vault: Deployed, name: 'share' | 'webhook' | 'intake'): Promise<string> {
  if (name !== 'share') return published(vault, `keys/${name}/${name}-1`);
  const key = vault.template.keys().find(({ logicalId }) => logicalId.startsWith('VaultKeysShareKey'));
  return Promise.resolve(key?.arn ?? '');
}
