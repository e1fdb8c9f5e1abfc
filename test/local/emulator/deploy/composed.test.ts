import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import { environmentOf } from '../../../../local/vault/functions';
import { vaultOptions } from '../../../../local/vault/options';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { logFolder } from '../../../support/run';
import { cdkApp } from '../../../support/synth';
import { templateFile } from '../../../support/template-file';
import { httpApi } from '../template/support';
import { consumerStack } from './consumer-stack';
import { AUDIT, as, consumerTemplate, keyNamed } from './support';

/** The code of the consumer's functions: it returns their identity. */
const SOURCE = `exports.run = async (event) => ({
  event,
  environment: process.env.SHARE_VAULT_ENVIRONMENT,
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});
exports.handler = exports.run;
`;

function composedTemplate(): string {
  const app = cdkApp();
  const { stack, vault } = consumerStack(app);
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-consumer-'));
  writeFileSync(join(folder, 'main.js'), SOURCE);
  const runtime = Runtime.NODEJS_24_X;
  const own = new LambdaFunction(stack, 'Own', {
    functionName: 'own',
    runtime,
    handler: 'main.run',
    code: Code.fromAsset(folder),
  });
  new LambdaFunction(stack, 'Inline', {
    functionName: 'inline',
    runtime,
    handler: 'index.handler',
    code: Code.fromInline(SOURCE),
  });
  new LambdaFunction(stack, 'Snake', {
    runtime: Runtime.PYTHON_3_13,
    handler: 'main.run',
    code: Code.fromInline('def run(event, context): pass'),
  });
  new LambdaFunction(stack, 'Released', {
    runtime,
    handler: 'main.run',
    code: Code.fromBucket(Bucket.fromBucketName(stack, 'Releases', 'releases'), 'own.zip'),
  });
  vault.connect(own, { actor: 'auditor', operations: [] });
  vault.grantAudit(own, { actor: 'auditor' });
  const key = new Key(stack, 'OwnKey', { alias: 'alias/own' });
  key.grantEncrypt(own);
  new Secret(stack, 'OwnSecret', { secretName: 'own', encryptionKey: key }).grantRead(own);
  return templateFile(stack, app);
}

/** Comes before the vault in the template: a function of a vault elsewhere, with its own API. */
const ELSEWHERE = {
  Mine: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'mine',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::111122223333:role/mine',
      Environment: { Variables: { SHARE_VAULT_ENVIRONMENT: 'other' } },
      Code: { ZipFile: SOURCE },
    },
  },
  ...httpApi('Mine', 'mine', 'POST /mine', { 'Fn::GetAtt': ['Mine', 'Arn'] }),
};

function elsewhereFirst(template: object): void {
  const resources = Reflect.get(template, 'Resources') as Record<string, unknown>;
  const vault = { ...resources };
  for (const id of Object.keys(vault)) Reflect.deleteProperty(resources, id);
  Object.assign(resources, ELSEWHERE, vault);
}

let deployed: Deployed;
let own: Credentials & { readonly event: unknown; readonly environment: string };
beforeAll(async () => {
  const options = { template: composedTemplate(), logDir: logFolder(), amend: elsewhereFirst };
  deployed = await deployTemplate(vaultOptions(options));
  own = (await invoke('own', deployed.administrator, { hello: 1 })) as typeof own;
});
afterAll(() => deployed.close());

test('the vault and its webhook are those of the template, whatever resources come before them', () => {
  expect(deployed.template.httpApis().map(({ logicalId }) => logicalId)).toEqual(['MineApi', expect.any(String)]);
  expect(environmentOf(deployed.template)).toBe('dev');
  expect(deployed.webhookUrl).toMatch(/\/webhooks\/dynamic$/);
});

async function invoke(FunctionName: string, credentials: Credentials, event: unknown, Qualifier?: string) {
  const lambda = new LambdaClient(as(deployed, credentials));
  const call = new InvokeCommand({ FunctionName, Qualifier, Payload: JSON.stringify(event) });
  const { Payload } = await lambda.send(call);
  return JSON.parse(Payload?.transformToString() ?? 'null') as unknown;
}

describe('a consumer’s own function', () => {
  test('runs, with the handler and the variables of the template', () => {
    expect(own).toMatchObject({ event: { hello: 1 }, environment: 'dev' });
  });

  test('runs if its code is inline in the template', async () => {
    expect(await invoke('inline', deployed.administrator, 7)).toMatchObject({ event: 7 });
  });

  test('may make the calls that its role was granted', async () => {
    expect(await invoke('share-vault-dev-audit', own, AUDIT, 'auditor')).toEqual({ records: [] });
  });

  test.each([
    ['unqualified', undefined],
    ['as another actor', 'signer'],
  ])('may not invoke the vault %s', async (_how, qualifier) => {
    await expect(invoke('share-vault-dev-unseal', own, {}, qualifier)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('uses its own key, by its alias, and none of the vault’s', async () => {
    const kms = new KMSClient(as(deployed, own));
    const encrypt = (KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));

    expect(await encrypt('alias/own')).toMatchObject({ KeyId: expect.stringMatching(/^arn:aws:kms:/) });
    await expect(encrypt(await keyNamed(deployed, 'share'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('reads its secret, which was generated', async () => {
    const secrets = new SecretsManagerClient(as(deployed, own));

    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'own' }));

    expect(SecretString).toHaveLength(32);
  });
});

describe('what does not run here', () => {
  test('is listed', () => {
    expect(deployed.skipped).toEqual(
      expect.arrayContaining([
        { type: 'AWS::Lambda::Function of python3.13', logicalId: expect.stringMatching(/^Snake/) },
        {
          type: 'AWS::Lambda::Function of nodejs24.x, its code in an archive',
          logicalId: expect.stringMatching(/^Released/),
        },
        { type: 'AWS::EC2::VPC', logicalId: expect.any(String) },
        { type: 'AWS::Events::Rule', logicalId: expect.any(String) },
      ]),
    );
  });

  test('is a second database: the template is refused, naming both', async () => {
    const amend = (template: object): void => {
      const { Resources } = template as { Resources: Record<string, { Type: string; Properties: object }> };
      const [cluster] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::RDS::DBCluster');
      Object.assign(Resources, {
        Another: { ...cluster, Properties: { ...cluster?.Properties, DBClusterIdentifier: 'x' } },
      });
    };

    await expect(deployTemplate({ template: consumerTemplate(), amend })).rejects.toMatchObject({
      name: 'TemplateError',
      message: expect.stringMatching(/expected one database cluster, got 2: VaultDatabaseCluster\w+, Another$/),
    });
  });
});
