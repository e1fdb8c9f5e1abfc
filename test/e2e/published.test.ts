import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GetParameterCommand, SSMClient, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { LocalVault } from '../../local/vault';
import { startTestVault } from './harness';

let vault: LocalVault;
let aws: { endpoint: string; region: string; credentials: LocalVault['credentials'] };
let ssm: SSMClient;
beforeAll(async () => {
  vault = await startTestVault();
  aws = { endpoint: vault.url, region: vault.region, credentials: vault.credentials };
  ssm = new SSMClient(aws);
});
afterAll(() => vault.close());

async function valueOf(path: string): Promise<string> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/share-vault/local/${path}` }));
  return Parameter?.Value ?? '';
}

describe('what the local vault publishes in Parameter Store', () => {
  test('has the names that the constructs publish', async () => {
    const pages = paginateGetParametersByPath({ client: ssm }, { Path: '/share-vault/local', Recursive: true });
    const names = (await Array.fromAsync(pages)).flatMap(({ Parameters = [] }) => Parameters.map(({ Name }) => Name));

    expect(names).toEqual(
      [
        'actors/auditor/audit',
        'actors/auditor/properties',
        'actors/guard/freeze',
        'actors/guard/thaw',
        'actors/second/freeze',
        'actors/second/thaw',
        'actors/signer/properties',
        'actors/signer/revoke',
        'actors/signer/seal',
        'actors/signer/unseal',
        'keys/intake/intake-1',
        'keys/webhook/webhook-1',
        'webhook/secret',
        'webhook/url',
      ].map((path) => `/share-vault/local/${path}`),
    );
  });

  test('leads to the webhook, its secret and its key', async () => {
    const SecretId = await valueOf('webhook/secret');
    const KeyId = await valueOf(`keys/webhook/${vault.webhook.kid}`);

    const { SecretString, Name } = await new SecretsManagerClient(aws).send(new GetSecretValueCommand({ SecretId }));
    const { PublicKey } = await new KMSClient(aws).send(new GetPublicKeyCommand({ KeyId }));

    expect(await valueOf('webhook/url')).toBe(vault.webhook.url);
    expect({ SecretString, Name }).toEqual({ SecretString: vault.webhook.secret, Name: expect.stringMatching(/^share-vault\/local\/webhook-signing-secret-[0-9a-f]{12}$/) }); // prettier-ignore
    expect(vault.webhook.publicKey.replaceAll('\n', '')).toContain(Buffer.from(PublicKey ?? []).toString('base64'));
  });

  test('leads to aliases that actors invoke', async () => {
    expect(await valueOf('actors/signer/unseal')).toBe(
      'arn:aws:lambda:us-east-1:111122223333:function:share-vault-local-unseal:signer',
    );
  });
});
