import { describe, expect, test } from '@jest/globals';
import { httpApi, templateOf } from './support';

const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };
const FN = {
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'receive', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: '' } },
};
const ROLE_ARN = { 'Fn::GetAtt': ['Role', 'Arn'] };
const ALIAS_ARN = { 'Fn::Sub': '${Fn.Arn}:live' };

describe('a key', () => {
  const read = (Properties: object) => templateOf({ Key: { Type: 'AWS::KMS::Key', Properties } }).keys()[0];

  test("has KMS's own defaults", () => {
    expect(read({})).toMatchObject({
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      enabled: true,
      rotationDays: undefined,
      deletionDays: 30,
      policy: { Statement: [{ Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Action: 'kms:*' }] },
    });
  });

  test.each([
    [{ EnableKeyRotation: true }, { rotationDays: 365 }],
    [{ EnableKeyRotation: 'true', RotationPeriodInDays: '90' }, { rotationDays: 90 }],
    [{ EnableKeyRotation: false, RotationPeriodInDays: 90 }, { rotationDays: undefined }],
    [
      { Enabled: false, PendingWindowInDays: 7 },
      { enabled: false, deletionDays: 7 },
    ],
    [{ Tags: [{ Key: 'a', Value: 'b' }] }, { tags: { a: 'b' } }],
  ])('with %j is read so', (properties, expected) => {
    expect(read(properties)).toMatchObject(expected);
  });

  test.each([[{ Ref: 'Key' }], [{ 'Fn::GetAtt': ['Key', 'Arn'] }]])('is found by an alias for %j', (TargetKeyId) => {
    const Alias = { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/mine', TargetKeyId } };

    expect(templateOf({ Key: { Type: 'AWS::KMS::Key' }, Alias }).keyAliases()).toMatchObject([
      { name: 'alias/mine', key: 'Key' },
    ]);
  });
});

describe('a secret', () => {
  const read = (Properties: object, more: object = {}) =>
    templateOf({ Secret: { Type: 'AWS::SecretsManager::Secret', Properties }, ...more }).secrets()[0];

  test.each([
    ['empty', {}, { kind: 'empty' }],
    ['given', { SecretString: 'x' }, { kind: 'given', value: 'x' }],
    [
      'generated',
      { GenerateSecretString: { PasswordLength: 40, ExcludePunctuation: true } },
      {
        kind: 'generated',
        length: 40,
        exclude: { lowercase: false, uppercase: false, numbers: false, punctuation: true },
        requireEachType: true,
        template: undefined,
      },
    ],
    [
      'generated into JSON',
      { GenerateSecretString: { SecretStringTemplate: '{"user":"a"}', GenerateStringKey: 'password' } },
      { kind: 'generated', length: 32, template: { json: '{"user":"a"}', key: 'password' } },
    ],
  ])('is %s', (_, properties, content) => {
    expect(read(properties)?.content).toMatchObject(content);
  });

  test('has its key, its name and the policy that is attached to it', () => {
    const Policy = {
      Type: 'AWS::SecretsManager::ResourcePolicy',
      Properties: {
        SecretId: { Ref: 'Secret' },
        ResourcePolicy: { Statement: [{ Effect: 'Deny', Action: '*', Principal: '*', Resource: '*' }] },
      },
    };

    expect(read({ Name: 'share-vault/dev/webhook', KmsKeyId: 'alias/mine' }, { Policy })).toMatchObject({
      name: 'share-vault/dev/webhook',
      kmsKeyId: 'alias/mine',
      policy: { Statement: [{ Effect: 'Deny' }] },
    });
    expect(read({})?.policy).toBeUndefined();
  });
});

describe('an HTTP API', () => {
  const api = (uri: unknown, more: object = {}) =>
    templateOf({
      Role: ROLE,
      Fn: FN,
      ...httpApi('', 'webhooks', 'POST /webhooks/dynamic', uri),
      ...more,
    });

  test.each([
    ['an alias', ALIAS_ARN, { function: 'Fn', qualifier: 'live' }],
    ['a function', { 'Fn::GetAtt': ['Fn', 'Arn'] }, { function: 'Fn', qualifier: undefined }],
    [
      "an alias in API Gateway's own spelling",
      { 'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}:live/invocations' },
      { function: 'Fn', qualifier: 'live' },
    ],
    ['something else', 'https://example.com', { function: undefined, qualifier: undefined }],
  ])('leads a route to %s', (_, uri, expected) => {
    expect(api(uri).httpApis()).toMatchObject([
      {
        name: 'webhooks',
        protocol: 'HTTP',
        routes: [
          {
            method: 'POST',
            path: '/webhooks/dynamic',
            authorization: 'NONE',
            integration: { logicalId: 'Integration', payloadFormat: '2.0', timeoutMs: 30_000, ...expected },
          },
        ],
      },
    ]);
  });

  test('is throttled by the limits of its stage', () => {
    const Stage = {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: { Ref: 'Api' },
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingBurstLimit: 20, ThrottlingRateLimit: 10.5 },
        RouteSettings: { 'POST /webhooks/dynamic': { ThrottlingRateLimit: '5' } },
      },
    };

    expect(api(ALIAS_ARN, { Stage }).httpApis()[0]?.stages).toEqual([
      {
        logicalId: 'Stage',
        name: '$default',
        throttle: { burst: 20, rate: 10.5 },
        routeThrottles: { 'POST /webhooks/dynamic': { burst: undefined, rate: 5 } },
      },
    ]);
  });

  test('has no route of another API', () => {
    const Other = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'other' } };

    expect(api(ALIAS_ARN, { Other }).httpApis()[1]?.routes).toEqual([]);
  });
});

describe('an event', () => {
  test('reaches the targets of its rule', () => {
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 day)',
        State: 'DISABLED',
        Targets: [
          { Id: 'T0', Arn: ALIAS_ARN, Input: '{"action":"sweep"}' },
          { Id: 'T1', Arn: 'arn:aws:sns:eu-central-1:111111111111:topic' },
        ],
      },
    };

    expect(templateOf({ Role: ROLE, Fn: FN, Rule }).eventRules()).toMatchObject([
      {
        schedule: 'rate(1 day)',
        pattern: undefined,
        enabled: false,
        targets: [
          { id: 'T0', function: 'Fn', qualifier: 'live', input: '{"action":"sweep"}' },
          { id: 'T1', function: undefined },
        ],
      },
    ]);
  });

  test('comes from a rule that starts a state machine with a role', () => {
    const Machine = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'mine',
        RoleArn: ROLE_ARN,
        DefinitionString: { 'Fn::Join': ['', ['{"StartAt":"', 'A', '"}']] },
      },
    };
    const target = { Id: 'T0', Arn: { Ref: 'Machine' }, RoleArn: ROLE_ARN };
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.kms'] },
        Targets: [target, { ...target, Id: 'T1', InputPath: '$.detail' }],
      },
    };
    const template = templateOf({ Role: ROLE, Machine, Rule });

    expect(template.stateMachines()).toEqual([
      {
        logicalId: 'Machine',
        name: 'mine',
        arn: 'arn:aws:states:eu-central-1:111111111111:stateMachine:mine',
        roleArn: expect.stringContaining(':role/'),
        definition: '{"StartAt":"A"}',
        type: 'STANDARD',
      },
    ]);
    expect(template.eventRules()[0]?.targets).toMatchObject([
      { stateMachine: 'Machine', roleArn: expect.stringContaining(':role/'), function: undefined, transformed: false },
      { stateMachine: 'Machine', transformed: true },
    ]);
  });

  test('comes from a queue', () => {
    const Queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'mine' } };
    const Source = {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: { Ref: 'Fn' }, EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, BatchSize: 5 },
    };

    expect(templateOf({ Role: ROLE, Fn: FN, Queue, Source }).eventSources()).toEqual([
      {
        logicalId: 'Source',
        function: 'Fn',
        qualifier: undefined,
        sourceArn: 'arn:aws:sqs:eu-central-1:111111111111:mine',
        batchSize: 5,
        enabled: true,
      },
    ]);
  });
});

test('resources of other types are reported as skipped, unless their condition is false', () => {
  const vault = templateOf({ Role: ROLE, Topic: { Type: 'AWS::SNS::Topic' }, Url: { Type: 'AWS::Lambda::Url' } });

  expect(vault.skipped()).toEqual([
    { type: 'AWS::SNS::Topic', logicalId: 'Topic' },
    { type: 'AWS::Lambda::Url', logicalId: 'Url' },
  ]);
});

test('a database user is read from statements that allow it, in any spelling', () => {
  const statement = (Effect: string, Action: unknown, Resource: unknown) => ({ Effect, Action, Resource });
  const arn = (rest: string) => `arn:aws:rds-db:eu-central-1:111111111111:dbuser:${rest}`;
  const Policies = [
    {
      PolicyName: 'p',
      PolicyDocument: {
        Statement: [
          statement('Allow', ['s3:Get', 'rds-db:Connect'], [arn('cluster-A/one'), arn('*/two')]),
          statement('Allow', 'rds-db:*', arn('cluster-A/three')),
          statement('Deny', 'rds-db:connect', arn('cluster-A/four')),
          statement('Allow', 's3:Get', arn('cluster-A/five')),
        ],
      },
    },
  ];
  const vault = templateOf({ Role: { ...ROLE, Properties: { ...ROLE.Properties, Policies } } });

  expect(vault.databaseUsers()).toEqual([
    { role: 'Role', resourceId: 'cluster-A', user: 'one' },
    { role: 'Role', resourceId: '*', user: 'two' },
    { role: 'Role', resourceId: 'cluster-A', user: 'three' },
  ]);
});
