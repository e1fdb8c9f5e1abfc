import { describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTemplate, templateOf } from './support';

const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };

function fn(properties: object, metadata: object = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: '' }, ...properties },
    Metadata: metadata,
  };
}

const only = (properties: object) => templateOf({ Role: ROLE, Fn: fn(properties) }).functions()[0];

/** Writes a template with one function, the folder `asset.abc` and, if given, a manifest, as a synth does. */
function synthesized(code: object, metadata: object = {}, manifest?: object): () => unknown {
  const folder = mkdtempSync(join(tmpdir(), 'template-'));
  mkdirSync(join(folder, 'asset.abc'));
  writeFileSync(join(folder, 'archive.zip'), '');
  const Resources = { Role: ROLE, Fn: fn({ Code: code }, metadata) };
  writeFileSync(join(folder, 'Mine.template.json'), JSON.stringify({ Resources }));
  if (manifest) writeFileSync(join(folder, 'Mine.assets.json'), JSON.stringify(manifest));
  const vault = openTemplate(join(folder, 'Mine.template.json'));
  return () =>
    vault.functions().map(({ code: found }) => ({
      ...found,
      ...('folder' in found && { folder: found.folder.replace(`${folder}/`, '') }),
    }));
}

const manifestOf = (path: string, objectKey = 'abc.zip') => ({
  version: '55.0.0',
  files: { abc: { source: { path, packaging: 'zip' }, destinations: { here: { bucketName: 'b', objectKey } } } },
});

describe('a function', () => {
  test("has Lambda's own defaults", () => {
    expect(only({})).toMatchObject({
      timeoutSeconds: 3,
      memoryMb: 128,
      environment: {},
      network: undefined,
      reservedConcurrency: undefined,
      role: 'Role',
    });
  });

  test.each([
    ['numbers as texts', { Timeout: '30', MemorySize: '512' }, { timeoutSeconds: 30, memoryMb: 512 }],
    ['reserved concurrency of none', { ReservedConcurrentExecutions: 0 }, { reservedConcurrency: 0 }],
    [
      'variables that are no texts',
      { Environment: { Variables: { A: 1, B: true } } },
      { environment: { A: '1', B: 'true' } },
    ],
    [
      'variables without what has no value',
      { Environment: { Variables: { A: 'a', B: { Ref: 'AWS::NoValue' } } } },
      { environment: { A: 'a' } },
    ],
    ['a role outside of the template', { Role: 'arn:aws:iam::222222222222:role/theirs' }, { role: undefined }],
    ['a VPC that it was taken out of', { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } }, { network: undefined }],
    [
      'a VPC outside of the template',
      { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
      { network: { vpcId: undefined, subnets: ['subnet-1'] } },
    ],
    ['layers', { Layers: ['arn:x'] }, { layers: ['arn:x'] }],
    ['its own log', { LoggingConfig: { LogGroup: '/mine' } }, { logGroup: '/mine' }],
    ['an image', { Code: { ImageUri: 'repo:1' } }, { code: { kind: 'image', uri: 'repo:1' } }],
    ['code in the template', { Code: { ZipFile: 'x' } }, { code: { kind: 'inline', source: 'x' } }],
  ])('may have %s', (_, properties, expected) => {
    expect(only(properties)).toMatchObject(expected);
  });

  test.each([
    [
      'a variable that is a list',
      { Environment: { Variables: { A: ['hunter2'] } } },
      'Environment.Variables.A: expected (string | number | boolean), got a list',
    ],
    ['half a second', { Timeout: 0.5 }, 'Timeout: expected'],
    ['no code', { Code: {} }, 'Code: expected S3Key, ZipFile or ImageUri, got none'],
    ['no role', { Role: { Ref: 'AWS::NoValue' } }, 'Role: expected "Role", got none'],
  ])('is refused with %s, which is not quoted', (_, properties, message) => {
    expect(() => only(properties)).toThrowWithCode('TemplateError');
    expect(() => only(properties)).toThrow(`mine.template.json: Resources.Fn.Properties.${message}`);
    expect(() => only(properties)).toThrow(/^(?!.*hunter2)/);
  });
});

describe("a function's code", () => {
  const hint = { 'aws:asset:path': 'asset.abc' };

  test.each([
    ['in the folder of the manifest', synthesized({ S3Key: 'abc.zip' }, {}, manifestOf('asset.abc'))],
    ['in the folder of the metadata', synthesized({ S3Key: 'abc.zip' }, hint)],
    [
      'in the folder of the manifest, despite other metadata',
      synthesized({ S3Key: 'abc.zip' }, { 'aws:asset:path': 'gone' }, manifestOf('asset.abc')),
    ],
    [
      'under a computed key',
      synthesized(
        { S3Key: { 'Fn::Sub': '${AWS::Region}/abc.zip' } },
        {},
        manifestOf('asset.abc', 'eu-central-1/abc.zip'),
      ),
    ],
  ])('is found %s', (_, read) => {
    expect(read()).toEqual([{ kind: 'folder', folder: 'asset.abc' }]);
  });

  test.each([
    ['nowhere', synthesized({ S3Key: 'abc.zip' })],
    ['under another key', synthesized({ S3Key: 'other.zip' }, {}, manifestOf('asset.abc'))],
    ['in a folder that is gone', synthesized({ S3Key: 'abc.zip' }, {}, manifestOf('asset.gone'))],
  ])('is reported missing by the logical id if it is %s', (_, read) => {
    expect(read).toThrowWithCode('TemplateError');
    expect(read).toThrow(
      /Mine\.template\.json: Resources\.Fn\.Properties\.Code: expected a folder among the synth's assets, got none for (abc|other)\.zip$/,
    );
  });

  test.each([
    ['in an archive among the assets', synthesized({ S3Key: 'abc.zip' }, {}, manifestOf('archive.zip'))],
    ["in a bucket of the user's", synthesized({ S3Bucket: 'releases', S3Key: 'abc.zip' })],
  ])('is known, but not read, %s', (_, read) => {
    expect(read()).toEqual([{ kind: 'archive', key: 'abc.zip' }]);
  });

  test('is reported missing if it is gone from the bucket of assets', () => {
    const Code = { S3Bucket: 'cdk-hnb659fds-assets-111122223333-us-east-1', S3Key: 'abc.zip' };

    expect(synthesized(Code)).toThrow('expected a folder among the synth');
  });

  test('is refused if the manifest is invalid', () => {
    expect(() => synthesized({ S3Key: 'abc.zip' }, {}, { files: [] })).toThrow(
      'Mine.assets.json: files: expected an object, got a list',
    );
  });
});

describe('an alias', () => {
  const FN = fn({ FunctionName: 'seal' });
  const alias = (properties: object) => ({
    Type: 'AWS::Lambda::Alias',
    Properties: { Name: 'signer', FunctionName: { Ref: 'Fn' }, FunctionVersion: '1', ...properties },
  });
  const VERSION = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } };

  test.each(['seal', '111111111111:function:seal', 'arn:aws:lambda:eu-central-1:111111111111:function:seal'])(
    'finds its function by %s',
    (FunctionName) => {
      const vault = templateOf({ Role: ROLE, Fn: FN, Version: VERSION, Alias: alias({ FunctionName }) });

      expect(vault.aliases()).toMatchObject([{ name: 'signer', function: 'Fn', version: '1', async: undefined }]);
    },
  );

  test('of a version that the template does not publish is refused', () => {
    const vault = templateOf({ Role: ROLE, Fn: FN, Version: VERSION, Alias: alias({ FunctionVersion: '2' }) });

    expect(() => vault.aliases()).toThrow('Resources.Alias.Properties.FunctionVersion: expected a version of Fn');
  });

  test('has the weights of other versions and the destinations of results', () => {
    const RoutingConfig = { AdditionalVersionWeights: [{ FunctionVersion: '2', FunctionWeight: 0.1 }] };
    const DestinationConfig = { OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:111111111111:failed' } };
    const vault = templateOf({
      Role: ROLE,
      Fn: FN,
      Version: VERSION,
      Alias: alias({ RoutingConfig }),
      Async: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: 'seal', Qualifier: 'signer', MaximumRetryAttempts: '1', DestinationConfig },
      },
    });

    expect(vault.aliases()).toMatchObject([
      {
        weights: { 2: 0.1 },
        async: {
          retries: 1,
          maximumAgeSeconds: 21_600,
          onSuccess: undefined,
          onFailure: DestinationConfig.OnFailure.Destination,
        },
      },
    ]);
  });
});

describe('a permission', () => {
  const permission = (properties: object) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Fn' }, Principal: '*', ...properties },
  });
  const statements = (properties: object) =>
    templateOf({ Role: ROLE, Fn: fn({ FunctionName: 'seal' }), Let: permission(properties) })
      .permissions()
      .map(({ statement }) => statement);

  test.each([
    ['an account', { Principal: '222222222222' }, { Principal: { AWS: 'arn:aws:iam::222222222222:root' } }],
    [
      'a role',
      { Principal: 'arn:aws:iam::222222222222:role/r' },
      { Principal: { AWS: 'arn:aws:iam::222222222222:role/r' } },
    ],
    ['a service', { Principal: 'apigateway.amazonaws.com' }, { Principal: { Service: 'apigateway.amazonaws.com' } }],
    ['everyone', {}, { Principal: '*' }],
    [
      'a service for one source',
      { Principal: 'events.amazonaws.com', SourceArn: 'arn:x', SourceAccount: '111111111111' },
      { Condition: { StringEquals: { 'AWS:SourceAccount': '111111111111' }, ArnLike: { 'AWS:SourceArn': 'arn:x' } } },
    ],
    ['an organization', { PrincipalOrgID: 'o-1' }, { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    [
      'callers of a URL',
      { FunctionUrlAuthType: 'NONE', InvokedViaFunctionUrl: true },
      {
        Condition: {
          StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' },
          Bool: { 'lambda:InvokedViaFunctionUrl': 'true' },
        },
      },
    ],
  ])('lets %s in as Lambda would write it', (_, properties, expected) => {
    expect(statements(properties)).toMatchObject([{ Effect: 'Allow', Action: 'lambda:InvokeFunction', ...expected }]);
  });

  test('without limits has no condition', () => {
    expect(statements({})[0]).not.toHaveProperty('Condition');
  });

  test('applies only to the function or the alias that it names', () => {
    const arn = 'arn:aws:lambda:eu-central-1:111111111111:function:seal';
    const vault = templateOf({
      Role: ROLE,
      Fn: fn({ FunctionName: 'seal' }),
      A: permission({}),
      B: permission({ FunctionName: 'seal:signer' }),
      C: permission({ FunctionName: { 'Fn::Sub': '${Fn.Arn}:signer' } }),
    });

    expect(
      [...vault.functionPolicies()].map(([resource, { Statement }]) => [resource, Statement.map(({ Sid }) => Sid)]),
    ).toEqual([
      [arn, ['A']],
      [`${arn}:signer`, ['B', 'C']],
    ]);
    expect(vault.permissions().map(({ function: target, qualifier }) => [target, qualifier])).toEqual([
      ['Fn', undefined],
      ['Fn', 'signer'],
      ['Fn', 'signer'],
    ]);
  });
});
