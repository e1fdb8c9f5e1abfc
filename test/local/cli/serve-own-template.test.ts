import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { commandFile } from '../../support/commands';
import { folder, killAll } from './run';
import { keepLogs, preparedData, profileConfig, profilesIn, serve, serveFrom, stop } from './served';
import { devTemplate } from './template';

afterEach(killAll);

const ROLE = 'arn:aws:iam::111122223333:role/mine';

/** A function, its role, a key, and a resource that the emulator skips. */
const MINE = {
  Key: { Type: 'AWS::KMS::Key', Properties: {} },
  Table: { Type: 'AWS::DynamoDB::Table', Properties: {} },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'mine',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [
        {
          PolicyName: 'Keys',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'kms:DescribeKey', Resource: { 'Fn::GetAtt': ['Key', 'Arn'] } }],
          },
        },
      ],
    },
  },
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'mine',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Environment: { Variables: { KEY: { Ref: 'Key' } } },
      Code: { ZipFile: 'exports.handler = async ({ asked }) => ({ key: process.env.KEY, asked });' },
    },
  },
};

test('serve runs a template without a vault, with its function, key and role, and names skipped resources', async () => {
  const template = join(folder(), 'Mine.template.json');
  writeFileSync(template, JSON.stringify({ Resources: MINE }));
  const served = await serve(template);
  const [administrator, role] = ['administrator', 'mine'].map((name) => profileConfig(served.printed(), name));

  const invoke = new InvokeCommand({ FunctionName: 'mine', Payload: '{"asked":1}' });
  const { Payload } = await new LambdaClient(administrator ?? {}).send(invoke);
  const response = JSON.parse(Payload?.transformToString() ?? '') as { readonly key: string; readonly asked: number };
  const kms = new KMSClient(role ?? {});

  expect(response.asked).toBe(1);
  await expect(kms.send(new DescribeKeyCommand({ KeyId: response.key }))).resolves.toMatchObject({
    KeyMetadata: { KeyId: response.key },
  });
  await expect(kms.send(new ListAliasesCommand())).rejects.toThrow(
    `User: ${ROLE.replace('iam', 'sts').replace('role', 'assumed-role')}/session is not authorized to perform: kms:ListAliases on resource: * because no identity-based policy allows the kms:ListAliases action`, // prettier-ignore
  );
  expect(served.printed()).toMatch(/environment +none: the template has no vault/);
  expect(served.printed()).toMatch(/^ +AWS::DynamoDB::Table +Table$/m);
  expect(await stop(served)).toBe(0);
});

describe('the commands that set Dynamic up', () => {
  test('public-key, webhook-secret and webhook-test need only a profile', async () => {
    const data = await preparedData();
    const served = await serveFrom(data, ['--template', devTemplate()]);
    const command = (name: string, input = ''): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [commandFile('share-vault'), name, '--environment', 'dev'], {
        input,
        encoding: 'utf8',
        env: {
          ...process.env,
          AWS_CONFIG_FILE: profilesIn(served.printed()),
          AWS_PROFILE: 'local-vault-administrator',
        },
      });

    const key = command('public-key');
    const kept = command('webhook-secret', `dyn_whsec_${randomBytes(24).toString('hex')}`);
    const deliveries = command('webhook-test');

    expect([key.status, kept.status, deliveries.status]).toEqual([0, 0, 0]);
    expect(key.stdout).toContain('-----BEGIN PUBLIC KEY-----');
    expect(deliveries.stdout).toMatch(/Pong[^]+Sealed[^]+Destroyed/);
    expect(await stop(served)).toBe(0);
    keepLogs(data);
  });
});
