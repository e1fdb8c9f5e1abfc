import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient, ListAliasesCommand, ListKeysCommand, paginateListAliases } from '@aws-sdk/client-kms';
import {
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListAliasesCommand as ListFunctionAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { logFolder } from '../../../support/run';
import { shellTemplate } from '../../../support/shell-template';
import { as } from './support';

let folder: string;
let deployed: Deployed;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'first-calls-'));
  deployed = await deployTemplate({ template: shellTemplate(folder), logDir: logFolder() });
});
afterAll(async () => {
  await deployed.close();
  rmSync(folder, { recursive: true });
});

const sts = (credentials: Credentials): STSClient => new STSClient(as(deployed, credentials));
const lambda = (role?: string): LambdaClient => new LambdaClient(as(deployed, credentialsOf(role)));
const kms = (role?: string): KMSClient => new KMSClient(as(deployed, credentialsOf(role)));
const credentialsOf = (role?: string): Credentials =>
  role === undefined ? deployed.administrator : deployed.session(role);

describe('GetCallerIdentity', () => {
  const identityOf = (credentials: Credentials) => sts(credentials).send(new GetCallerIdentityCommand({}));

  test('returns the session, its account and its unique id', async () => {
    await expect(identityOf(deployed.session('Caller'))).resolves.toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/caller/session',
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:session$/),
    });
  });

  test('returns the same unique id for another session of the role', async () => {
    const [one, other] = await Promise.all([
      identityOf(deployed.session('Caller')),
      identityOf(deployed.session('Caller')),
    ]);

    expect(one.UserId).toBe(other.UserId);
  });

  test('needs no permission, and an explicit deny has no effect', async () => {
    await expect(identityOf(deployed.session('Denied'))).resolves.toMatchObject({ Account: '111122223333' });
  });

  test.each([
    ['an unknown access key', { accessKeyId: 'ASIAUNKNOWN' }, 'InvalidClientTokenId', 403],
    ['another secret key', { secretAccessKey: 'another' }, 'SignatureDoesNotMatch', 403],
    ['no session token', { sessionToken: '' }, 'InvalidClientTokenId', 403],
  ])('is refused with the name that STS gives to %s', async (_, changed, name, httpStatusCode) => {
    await expect(identityOf({ ...deployed.administrator, ...changed })).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode },
    });
  });

  test('is refused with an error in XML if it has no signature', async () => {
    const response = await fetch(deployed.url, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }),
    });

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});

describe('another operation of STS', () => {
  test('is refused by its name', async () => {
    const call = sts(deployed.administrator).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/caller', RoleSessionName: 'session' }),
    );

    await expect(call).rejects.toMatchObject({
      name: 'InvalidAction',
      message: expect.stringContaining('AssumeRole'),
    });
  });
});

describe('the list of functions', () => {
  test('has the latest version of each function, without its state', async () => {
    const { Functions = [], NextMarker } = await lambda().send(new ListFunctionsCommand({}));

    expect(Functions.map(({ FunctionName, Version }) => `${FunctionName} ${Version}`)).toEqual(
      ['outside', 'second', 'third'].map((name) => `${name} $LATEST`),
    );
    expect(Functions[0]).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'index.handler' });
    expect(Functions[0]).not.toHaveProperty('State');
    expect(NextMarker).toBeUndefined();
  });

  test('has each function once over several pages', async () => {
    const names: (string | undefined)[] = [];
    const pages = paginateListFunctions({ client: lambda(), pageSize: 2 }, {});
    for await (const { Functions = [] } of pages) names.push(...Functions.map(({ FunctionName }) => FunctionName));

    expect(names).toEqual(['outside', 'second', 'third']);
  });

  test('has the published versions too, if a caller asks for all', async () => {
    const { Functions = [] } = await lambda().send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));

    expect(Functions.map(({ Version }) => Version).sort()).toEqual(['$LATEST', '$LATEST', '$LATEST', '1', '1', '1']);
  });

  test('refuses versions other than all', async () => {
    const listing = lambda().send(new ListFunctionsCommand({ FunctionVersion: '1' as 'ALL' }));

    await expect(listing).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('refuses a page of no items', async () => {
    await expect(lambda().send(new ListFunctionsCommand({ MaxItems: 0 }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});

describe('the description of a function', () => {
  test('has its configuration, its tags and its reserved concurrency', async () => {
    await expect(lambda().send(new GetFunctionCommand({ FunctionName: 'second' }))).resolves.toMatchObject({
      Configuration: { FunctionName: 'second', State: 'Active', Role: 'arn:aws:iam::111122223333:role/caller' },
      Code: { RepositoryType: 'S3' },
      Concurrency: { ReservedConcurrentExecutions: 2 },
      Tags: { team: 'wallets' },
    });
  });

  test('has neither tags nor a reserved concurrency if the template has none', async () => {
    const response = await lambda().send(new GetFunctionCommand({ FunctionName: 'third' }));

    expect(response).not.toHaveProperty('Tags');
    expect(response).not.toHaveProperty('Concurrency');
  });

  test('has the variables that Lambda allows, such as TZ', async () => {
    const response = await lambda().send(new GetFunctionConfigurationCommand({ FunctionName: 'second' }));

    expect(response.Environment?.Variables).toMatchObject({ TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8' });
  });

  test('lists its versions and its aliases', async () => {
    const FunctionName = 'outside';
    const { Versions = [] } = await lambda().send(new ListVersionsByFunctionCommand({ FunctionName }));
    const { Aliases } = await lambda().send(new ListFunctionAliasesCommand({ FunctionName }));
    const alias = await lambda().send(new GetAliasCommand({ FunctionName, Name: 'live' }));

    expect(Versions.map(({ Version }) => Version)).toEqual(['$LATEST', '1']);
    expect(Aliases).toEqual([expect.objectContaining({ Name: 'live', FunctionVersion: '1' })]);
    expect(alias).toMatchObject({ AliasArn: 'arn:aws:lambda:us-east-1:111122223333:function:outside:live' });
  });

  test.each([
    ['a function', () => lambda().send(new GetFunctionCommand({ FunctionName: 'none' }))],
    ['an alias', () => lambda().send(new GetAliasCommand({ FunctionName: 'outside', Name: 'none' }))],
  ])('is refused for %s that does not exist', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('the list of key aliases', () => {
  const namesOf = async (input: { KeyId?: string } = {}) => {
    const { Aliases = [] } = await kms().send(new ListAliasesCommand(input));
    return Aliases.map(({ AliasName }) => AliasName);
  };

  test('has the name, the ARN and the key of each alias', async () => {
    const { Aliases = [], Truncated } = await kms().send(new ListAliasesCommand({}));

    expect(Aliases).toEqual([
      expect.objectContaining({
        AliasName: 'alias/first',
        AliasArn: 'arn:aws:kms:us-east-1:111122223333:alias/first',
        CreationDate: expect.any(Date),
      }),
      expect.objectContaining({ AliasName: 'alias/second', TargetKeyId: expect.stringMatching(/^[0-9a-f-]{36}$/) }),
    ]);
    expect(Truncated).toBe(false);
  });

  test('has only the aliases of a key that the caller names', async () => {
    const { Aliases = [] } = await kms().send(new ListAliasesCommand({}));

    expect(await namesOf({ KeyId: Aliases[1]?.TargetKeyId })).toEqual(['alias/second']);
  });

  test('has each alias once over several pages', async () => {
    const names: (string | undefined)[] = [];
    for await (const { Aliases = [] } of paginateListAliases({ client: kms(), pageSize: 1 }, {})) {
      names.push(...Aliases.map(({ AliasName }) => AliasName));
    }

    expect(names).toEqual(['alias/first', 'alias/second']);
  });
});

describe('a role without the permission', () => {
  test.each([
    ['lambda:ListFunctions', () => lambda('Denied').send(new ListFunctionsCommand({}))],
    ['lambda:GetFunction', () => lambda('Denied').send(new GetFunctionCommand({ FunctionName: 'second' }))],
    ['lambda:ListAliases', () => lambda('Denied').send(new ListFunctionAliasesCommand({ FunctionName: 'second' }))],
    ['lambda:GetAlias', () => lambda('Denied').send(new GetAliasCommand({ FunctionName: 'outside', Name: 'live' }))],
    ['kms:ListAliases', () => kms('Denied').send(new ListAliasesCommand({}))],
    ['kms:ListKeys', () => kms('Caller').send(new ListKeysCommand({}))],
  ])('is refused %s, which is on the trail', async (action, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'AccessDeniedException' });

    const refused = deployed.trail.entries.filter((each) => each.action === action);
    expect(refused).toContainEqual(expect.objectContaining({ result: 'AccessDeniedException' }));
  });
});
