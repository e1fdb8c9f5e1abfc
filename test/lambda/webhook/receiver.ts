import { type KeyObject, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import type { WebhookResponse } from '../../../lambda/contract/responses';
import { WEBHOOK_CODES } from '../../../lambda/contract/codes';
import { LocalSecrets, startAwsServer } from '../../../local/emulator/services';
import { LocalKms } from '../../../local/emulator/services/kms';

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };

/** An RSA key of the local KMS. */
export interface TestKey {
  readonly arn: string;
  readonly publicKey: KeyObject;
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** KMS and Secrets Manager over HTTP, as `receive` calls them, and a count of its calls. */
export async function startReceiver() {
  const dataDir = mkdtempSync(join(tmpdir(), 'share-vault-receive-'));
  const kms = new LocalKms({ dataDir });
  const secrets = new LocalSecrets({ dataDir: join(dataDir, 'secrets') });
  const server = await startAwsServer({ services: [kms, secrets] });
  const config = { endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
  const kmsClient = new KMSClient(config);
  const secretsClient = new SecretsManagerClient(config);

  const createKey = async (KeySpec: 'RSA_2048' | 'SYMMETRIC_DEFAULT'): Promise<string> => {
    const KeyUsage = 'ENCRYPT_DECRYPT';
    const { KeyMetadata } = await kmsClient.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
    return KeyMetadata?.Arn ?? '';
  };
  return {
    kms,
    secrets,
    url: server.url,
    createShareKey: () => createKey('SYMMETRIC_DEFAULT'),
    async createWebhookKey(): Promise<TestKey> {
      const arn = await createKey('RSA_2048');
      const { PublicKey = Buffer.alloc(0) } = await kmsClient.send(new GetPublicKeyCommand({ KeyId: arn }));
      return { arn, publicKey: createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }) };
    },
    /** Returns a secret's ARN. Without a value the secret has no version. */
    async createSecret(Name: string, value: { SecretString?: string; SecretBinary?: Uint8Array } = {}) {
      const { ARN = '' } = await secretsClient.send(new CreateSecretCommand({ Name, ...value }));
      return ARN;
    },
    putSecret: (SecretId: string, SecretString: string) =>
      secretsClient.send(new PutSecretValueCommand({ SecretId, SecretString })),
    /** Returns the ARNs of the keys in Decrypt calls, in order. */
    decrypts: () => kms.calls.filter(({ operation }) => operation === 'Decrypt').map(({ keyId }) => keyId),
    forget: () => {
      kms.calls.length = 0;
    },
    async close() {
      kmsClient.destroy();
      secretsClient.destroy();
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Returns the environment of a function with these parts, without a database. */
export function receiveEnv(
  url: string,
  parts: {
    readonly shareKeyArn: string;
    readonly webhookKeys: Readonly<Record<string, string>>;
    readonly secretArn: string;
    readonly budgetMs?: number | undefined;
  },
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    SHARE_VAULT_ENVIRONMENT: 'local',
    SHARE_VAULT_SHARE_KEY_ARN: parts.shareKeyArn,
    SHARE_VAULT_WEBHOOK_KEYS: JSON.stringify(parts.webhookKeys),
    SHARE_VAULT_WEBHOOK_SECRET_ARN: parts.secretArn,
    SHARE_VAULT_WEBHOOK_BUDGET_MS: String(parts.budgetMs ?? 10_000),
    SHARE_VAULT_DB_HOST: '127.0.0.1',
    SHARE_VAULT_DB_PORT: '9',
    SHARE_VAULT_DB_NAME: 'vault',
    SHARE_VAULT_DB_USER: 'vault_receiver',
    SHARE_VAULT_DB_CA_FILE: '/nowhere.pem',
    SHARE_VAULT_DB_AUTH: 'iam',
  };
}

/** Returns a POST in API Gateway's payload format 2.0. */
export function gatewayEvent(body: Uint8Array | string, headers: Readonly<Record<string, string>>): object {
  return {
    version: '2.0',
    routeKey: 'POST /webhooks/dynamic',
    rawPath: '/webhooks/dynamic',
    rawQueryString: '',
    headers: { host: 'vault.example.com', ...headers },
    requestContext: { http: { method: 'POST', path: '/webhooks/dynamic' }, requestId: 'gateway-1' },
    body: typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: typeof body !== 'string',
  };
}

export const lambdaContext = (remainingMs = 20_000) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:share-vault-local-receive:live',
    getRemainingTimeInMillis: () => remainingMs,
  }) as Context;

/** Parses an HTTP response with only the allowed members. */
export function readResponse(response: unknown): { readonly status: number; readonly code: string } {
  const { statusCode, headers, body, ...rest } = response as Record<string, unknown>;
  const { code, requestId, ...more } = JSON.parse(String(body)) as WebhookResponse;
  const plain = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const told = JSON.stringify([headers, requestId, rest, more]);
  if (told !== JSON.stringify([plain, 'request-1', {}, {}])) throw new Error('expected a response of two members');
  if ((WEBHOOK_CODES as readonly string[]).includes(code) !== (statusCode === 200)) throw new Error('expected 200 to go with an outcome'); // prettier-ignore
  return { status: Number(statusCode), code };
}
