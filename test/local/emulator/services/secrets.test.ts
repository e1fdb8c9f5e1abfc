import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type AwsServer, LocalSecrets, startAwsServer } from '../../../../local/emulator/services';

describe('the local Secrets Manager', () => {
  let dataDir = '';
  let server: AwsServer | undefined;
  let client = new SecretsManagerClient({});

  const start = async () => {
    server = await startAwsServer({ services: [new LocalSecrets({ dataDir })] });
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };
    client = new SecretsManagerClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  };
  const stop = async () => {
    client.destroy();
    await server?.close();
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'share-vault-secrets-'));
    await start();
  });
  afterEach(async () => {
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const create = (SecretString?: string) => client.send(new CreateSecretCommand({ Name: 'vault/db', SecretString }));
  const put = (SecretString: string) => client.send(new PutSecretValueCommand({ SecretId: 'vault/db', SecretString }));
  const describeSecret = () => client.send(new DescribeSecretCommand({ SecretId: 'vault/db' }));
  const get = (SecretId = 'vault/db', VersionStage?: string) =>
    client.send(new GetSecretValueCommand({ SecretId, ...(VersionStage && { VersionStage }) }));

  test('returns a value by name, ARN and ARN without its suffix', async () => {
    const { ARN = '' } = await create('one');

    const responses = await Promise.all([get(), get(ARN), get(ARN.slice(0, -7))]);

    expect(responses.map(({ SecretString }) => SecretString)).toEqual(['one', 'one', 'one']);
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:111122223333:secret:vault\/db-[0-9a-f]{6}$/);
  });

  test('a new value becomes the current one, the former the previous one', async () => {
    await create('one');
    await put('two');
    const { VersionId } = await put('three');

    const current = await get();
    const previous = await get('vault/db', 'AWSPREVIOUS');

    expect(current).toMatchObject({ SecretString: 'three', VersionId, VersionStages: ['AWSCURRENT'] });
    expect(previous).toMatchObject({ SecretString: 'two', VersionStages: ['AWSPREVIOUS'] });
  });

  test('a secret without a value has no version, and the error names the staging label', async () => {
    const { ARN, VersionId } = await create();

    const refusal = get();

    await expect(refusal).rejects.toThrowWithCode('ResourceNotFoundException');
    await expect(refusal).rejects.toThrow('specified secret value for staging label: AWSCURRENT');
    await expect(get('vault/db', 'AWSPREVIOUS')).rejects.toThrow('staging label: AWSPREVIOUS');
    expect(VersionId).toBeUndefined();
    expect(await describeSecret()).toEqual({ ARN, Name: 'vault/db', $metadata: expect.anything() });
  });

  test('a secret that is filled later has that value, when it was made, and no previous one', async () => {
    await create();
    const { VersionId = '' } = await put('one');

    expect(await get()).toMatchObject({ SecretString: 'one', CreatedDate: expect.any(Date) });
    await expect(get('vault/db', 'AWSPREVIOUS')).rejects.toThrowWithCode('ResourceNotFoundException');
    expect(await describeSecret()).toMatchObject({ VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] } });
  });

  test('keeps bytes as they are', async () => {
    const SecretBinary = Buffer.from([0, 255, 128]);
    await client.send(new CreateSecretCommand({ Name: 'vault/db', SecretBinary }));

    const response = await get();

    expect(Buffer.from(response.SecretBinary ?? [])).toEqual(SecretBinary);
    expect(response.SecretString).toBeUndefined();
  });

  test('keeps secrets over a restart, in a file that only its owner may read', async () => {
    await create('one');
    await stop();
    await start();

    expect((await get()).SecretString).toBe('one');
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('accepts a repeated request once, and no other value under its token', async () => {
    await create('one');
    const ClientRequestToken = 'a'.repeat(32);
    const repeat = (SecretString: string) =>
      client.send(new PutSecretValueCommand({ SecretId: 'vault/db', SecretString, ClientRequestToken }));

    const first = await repeat('two');
    const second = await repeat('two');

    expect(second.VersionId).toBe(first.VersionId);
    expect((await get('vault/db', 'AWSPREVIOUS')).SecretString).toBe('one');
    await expect(repeat('three')).rejects.toThrowWithCode('ResourceExistsException');
  });

  test('finds no value before one is put, and finds it afterwards', async () => {
    await create();

    await expect(get()).rejects.toThrowWithCode('ResourceNotFoundException');
    await put('one');
    expect((await get()).SecretString).toBe('one');
  });

  test.each([
    ['an unknown name', () => get('vault/other')],
    ['an unknown stage', async () => create('one').then(() => get('vault/db', 'AWSPENDING'))],
    ['an unknown secret to put to', () => put('one')],
  ])('finds nothing under %s', async (_what, act) => {
    await expect(act()).rejects.toThrowWithCode('ResourceNotFoundException');
  });

  test('refuses a second secret of the same name', async () => {
    await create('one');

    await expect(create('two')).rejects.toThrowWithCode('ResourceExistsException');
    expect((await get()).SecretString).toBe('one');
  });

  test('refuses a text and bytes at once, and neither', async () => {
    await create('one');
    const both = { SecretId: 'vault/db', SecretString: 'a', SecretBinary: Buffer.from('b') };

    await expect(client.send(new PutSecretValueCommand(both))).rejects.toThrowWithCode('InvalidParameterException');
    const neither = client.send(new PutSecretValueCommand({ SecretId: 'vault/db' }));
    await expect(neither).rejects.toThrowWithCode('InvalidParameterException');
  });

  test('refuses a value of more than 65,536 bytes', async () => {
    await expect(create('x'.repeat(65_537))).rejects.toThrowWithCode('ValidationException');
  });
});
