import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Deployed } from '../../../../local/emulator/deploy';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { environmentVault } from '../template/support';
import {
  CIPHERTEXT,
  CONTEXT,
  REFUSED_BY_KEY,
  REFUSED_BY_LAMBDA,
  changeAfterSigning,
  closeEndpoints,
  decrypt,
  generate,
  invokeAs,
} from './calls';
import { BACKEND, as, deployTest, keyNamed, logIn, published } from './support';

let vault: Deployed;
beforeAll(async () => {
  vault = await deployTest();
});
afterAll(() => vault.close());

const kms = (credentials: Credentials): KMSClient => new KMSClient(as(vault, credentials));
const invoke = (credentials: Credentials, name: string, qualifier?: string) =>
  invokeAs(vault, credentials, name, qualifier);

describe('a principal with every permission', () => {
  test('invokes every function', async () => {
    const answer = await invoke(vault.administrator, 'audit', 'auditor');

    expect([answer.StatusCode, answer.FunctionError]).toEqual([200, undefined]);
  });

  test.each([
    ['share', 'kms:Decrypt', decrypt],
    ['share', 'kms:GenerateDataKey', generate],
    ['webhook', 'kms:Decrypt', decrypt],
    ['webhook', 'kms:GenerateDataKey', generate],
    ['intake', 'kms:Decrypt', decrypt],
    ['intake', 'kms:GenerateDataKey', generate],
  ] as const)('may not use the %s key: %s', async (name, action, command) => {
    const keyArn = await keyNamed(vault, name);

    await expect(kms(vault.administrator).send(command(keyArn) as DecryptCommand)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
      message: expect.stringContaining(
        `User: arn:aws:sts::111122223333:assumed-role/Administrator/session is not authorized to perform: ${action} on resource: ${keyArn} because no resource-based policy allows the ${action} action`,
      ),
    });
  });

  test('that invokes without an actor is refused by the function', async () => {
    const { FunctionError, Payload } = await invoke(vault.administrator, 'audit');

    expect(FunctionError).toBe('Unhandled');
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ errorType: 'ActorRequired' });
  });

  test('gets the statement that comes nearest to an allow', async () => {
    const keyArn = await keyNamed(vault, 'share');

    await expect(kms(vault.administrator).send(decrypt(keyArn))).rejects.toMatchObject({
      message: expect.stringMatching(/\(nearest: VaultKeysShareKey\w+, statement AllowUnseal: .*principal/),
    });
  });

  test('gets the statement that denies', async () => {
    const keyArn = await keyNamed(vault, 'share');

    expect(await vault.explain('administrator', 'kms:ScheduleKeyDeletion', keyArn, PENDING)).toContainEqual(
      expect.stringMatching(/^why .*explicit deny in a resource-based policy: \S+\/DenyShortDeletionWindow/),
    );
  });
});

describe('a principal with every permission, within a boundary', () => {
  test('is refused calls that the boundary does not allow', async () => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const boundary = { ...everything, Action: 'kms:*' };
    const bounded = vault.principal('bounded', [everything], { boundary });

    await expect(invoke(bounded, 'audit', 'auditor')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('because no permissions boundary allows the lambda:InvokeFunction action'),
    });
  });
});

const PENDING = { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' };

describe('a stranger', () => {
  let stranger: Credentials;
  beforeAll(() => {
    stranger = vault.principal('stranger', []);
  });

  test('reads no parameter', async () => {
    const call = new GetParameterCommand({ Name: '/share-vault/dev/webhook/url' });
    const ssm = new SSMClient(as(vault, stranger));

    await expect(ssm.send(call)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('reads no secret', async () => {
    const call = new GetSecretValueCommand({ SecretId: await published(vault, 'webhook/secret') });
    const secrets = new SecretsManagerClient(as(vault, stranger));

    await expect(secrets.send(call)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('uses no key', async () => {
    const call = decrypt(await keyNamed(vault, 'share'));

    await expect(kms(stranger).send(call)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('invokes nothing', async () => {
    await expect(invoke(stranger, 'audit', 'auditor')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
      message: expect.stringMatching(/lambda:InvokeFunction on resource: \S+:share-vault-dev-audit:auditor because no/),
    });
  });

  test('gets each refusal under the request id of the trail', async () => {
    const hears = async (call: Promise<unknown>) =>
      call.catch((error: unknown) => (error as { $metadata: { requestId: string } }).$metadata.requestId);
    const ids = [
      await hears(kms(stranger).send(decrypt(await keyNamed(vault, 'share')))),
      await hears(invoke(stranger, 'audit', 'auditor')),
    ];

    expect(vault.trail.entries.slice(-2).map(({ requestId }) => requestId)).toEqual(ids);
  });

  test('that may read the secret still needs its key', async () => {
    const SecretId = await published(vault, 'webhook/secret');
    const reader = vault.principal('reader', [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: SecretId },
    ]);

    await expect(
      new SecretsManagerClient(as(vault, reader)).send(new GetSecretValueCommand({ SecretId })),
    ).rejects.toMatchObject({ message: expect.stringContaining('kms:Decrypt') });
  });
});

describe('the consumer', () => {
  test.each([
    ['unqualified', undefined],
    ['as another actor', 'auditor'],
    ['by number', '1'],
    ['as the newest', '$LATEST'],
  ])('invokes nothing %s', async (_how, qualifier) => {
    await expect(invoke(vault.session(BACKEND), 'unseal', qualifier)).rejects.toMatchObject(REFUSED_BY_LAMBDA);
  });

  test('opens nothing by itself, although functions of the vault may', async () => {
    const call = decrypt(await keyNamed(vault, 'share'));

    await expect(kms(vault.session(BACKEND)).send(call)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the unseal role of another environment, in its own function', () => {
  const theirs = environmentVault('staging', {
    stack: 'ShareVault-staging',
    account: '111122223333',
    region: 'us-east-1',
  });
  const theirFunction = theirs.functions().find(({ name }) => name === 'share-vault-staging-unseal');
  const theirRole = theirs.roles().find(({ arn }) => arn === theirFunction?.roleArn);
  const policies = theirRole?.policies.map(({ document }) => document) ?? [];
  const sourceFunctionArn = theirFunction?.arn;
  let credentials: Credentials;
  beforeAll(() => {
    credentials = vault.principal(theirRole?.name ?? '', policies, { sourceFunctionArn });
  });

  test('is tested with all policies of its template', () => {
    expect(policies).toHaveLength(1);
    expect(theirRole).toMatchObject({ awsManaged: [], externalPolicies: [], boundary: undefined });
  });

  test.each(['dev', 'staging'])('opens no record that was sealed for %s with this share key', async (environment) => {
    const KeyId = await keyNamed(vault, 'share');
    const EncryptionContext = { ...CONTEXT, environment };
    const call = new DecryptCommand({ KeyId, CiphertextBlob: CIPHERTEXT, EncryptionContext });

    await expect(kms(credentials).send(call)).rejects.toMatchObject(REFUSED_BY_KEY);
  });

  test('opens none even if its own policy named this key', async () => {
    const Resource = await keyNamed(vault, 'share');
    const more = [...policies, { Effect: 'Allow', Action: 'kms:Decrypt', Resource }];
    const daring = vault.principal('daring', more, { sourceFunctionArn });

    await expect(kms(daring).send(decrypt(Resource))).rejects.toMatchObject(REFUSED_BY_KEY);
  });

  test('logs in to this database as no user', async () => {
    await expect(logIn(vault, 'vault_unsealer', credentials)).rejects.toMatchObject({ code: '28000' });

    expect(vault.trail.entries.at(-1)).toMatchObject({ action: 'rds-db:connect', result: 'AccessDeniedException' });
  });

  test('invokes nothing here', async () => {
    await expect(invoke(credentials, 'unseal', 'signer')).rejects.toMatchObject(REFUSED_BY_LAMBDA);
  });
});

describe('a function’s role', () => {
  test('opens nothing outside of its function', async () => {
    const role = vault.template.roles().find(({ logicalId }) => logicalId.startsWith('VaultFunctionsunsealRole'));
    const call = decrypt(await keyNamed(vault, 'share'));

    await expect(kms(vault.session(role?.name ?? '')).send(call)).rejects.toMatchObject({
      message: expect.stringMatching(
        /explicit deny in an identity-based policy \(\S+, statement DenyKeyUseUnlessOwnFunction\)/,
      ),
    });
  });
});

describe('a function', () => {
  afterEach(() => vault.decideWith(undefined));

  test('is refused calls that the endpoint of its network does not allow', async () => {
    const unseal = kms(vault.functionSession('share-vault-dev-unseal'));
    const call = decrypt(await keyNamed(vault, 'share'));
    await expect(unseal.send(call)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });

    vault.decideWith(closeEndpoints);

    await expect(unseal.send(call)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('because no VPC endpoint policy allows the kms:Decrypt action'),
    });
  });
});

describe('a call', () => {
  const list = new GetParameterCommand({ Name: '/share-vault/dev/webhook/url' });
  const ssm = (config: object = {}): SSMClient => new SSMClient({ ...as(vault, vault.administrator), ...config });

  test('with an expired session is refused', async () => {
    const credentials = vault.session(BACKEND, { seconds: 1 });
    await sleep(1_100);

    await expect(ssm({ credentials }).send(list)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  test('signed with another secret is refused', async () => {
    const credentials = { ...vault.administrator, secretAccessKey: 'another' };

    await expect(ssm({ credentials }).send(list)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    await expect(invoke(credentials, 'audit', 'auditor')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('changed after it was signed is refused', async () => {
    const client = ssm();
    changeAfterSigning(client, (body) => body.replace('/webhook/url', '/webhook/URL'));

    await expect(client.send(list)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test.each<[string, (client: object) => Promise<unknown>]>([
    ['a parameter', (client) => new SSMClient(client).send(list)],
    ['a key', async (client) => new KMSClient(client).send(decrypt(await keyNamed(vault, 'share')))],
    [
      'a function',
      (client) => new LambdaClient(client).send(new InvokeCommand({ FunctionName: 'share-vault-dev-audit' })),
    ],
  ])('to %s that is sent six minutes after it was signed is refused', async (_to, send) => {
    const client = { ...as(vault, vault.administrator), systemClockOffset: -360_000 };

    await expect(send(client)).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('Signature expired'),
    });
  });

  test.each([
    ['a service', '', { 'x-amz-target': 'AmazonSSM.GetParameter' }, 400],
    ['a function', '2015-03-31/functions/share-vault-dev-audit/invocations?Qualifier=auditor', {}, 403],
  ])('to %s without a signature is refused', async (_to, path, headers: Record<string, string>, status) => {
    const response = await fetch(`${vault.url}/${path}`, { method: 'POST', headers, body: '{}' });

    expect(response.status).toBe(status);
    expect(await response.text()).toContain('Missing Authentication Token');
  });
});
