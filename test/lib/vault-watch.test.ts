import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { STACK_SUFFIX, plain } from '../support/policies';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

const template = testVault({ webhook: {} }).template();
const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));

interface Rule {
  readonly EventPattern?: { readonly detail: { readonly resources?: { readonly ARN: readonly unknown[] } } };
  readonly Targets?: unknown;
}

function rule(name: string): Rule {
  return [...propertiesOf(template, 'AWS::Events::Rule', `VaultWatchChanges${name}`).values()][0] ?? {};
}

describe('the alarms', () => {
  test.each([
    ...['seal', 'unseal', 'revoke', 'properties', 'audit', 'receive', 'migrate'].flatMap((name) => [
      `${name}Errors`,
      `${name}Throttles`,
      `${name}Latency`,
    ]),
    'unsealRefused',
    'unsealTampered',
    'unsealRate',
    'sweepFailed',
    'webhookServerErrors',
    'webhookClientErrors',
    'webhookRefused',
    'databaseCpu',
    'databaseCapacity',
    'databaseConnections',
    'databaseStorage',
    'databaseFailedLogins',
  ])('have one for %s', (name) => {
    expect(alarms.filter(([id]) => id.startsWith(`VaultWatchAlarms${name}`))).toHaveLength(1);
  });

  test('all act on the topic, and again when it is over', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^VaultWatchAlarmTopic') }],
      OKActions: [{ Ref: Match.stringLikeRegexp('^VaultWatchAlarmTopic') }],
    });
  });

  test.each(['receive', 'migrate'])('take one error of %s for a failure: nobody is there to see it', (name) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}Errors`)) ?? [];

    expect(alarm).toMatchObject({ Properties: { Threshold: 1, EvaluationPeriods: 1 } });
  });

  test("tell when the schedule could not begin the sweep, and when the webhook's own API fails", () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp('^VaultMigrationSweep') } }],
      Threshold: 1,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Dimensions: [
        { Name: 'ApiId', Value: { Ref: Match.stringLikeRegexp('^VaultWebhookApi') } },
        { Name: 'Stage', Value: Match.anyValue() },
      ],
      Statistic: 'Sum',
    });
  });

  test.each([
    ['Refused', 'unseal', 'unsealRefused'],
    ['Tampered', 'unseal', 'unsealTampered'],
    ['Refused', 'receive', 'webhookRefused'],
  ])('count %s in the lines that %s logs', (metric, fn, name) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}`)) ?? [];

    expect(alarm).toMatchObject({
      Properties: {
        Namespace: 'ShareVault',
        MetricName: metric,
        Dimensions: [
          { Name: 'environment', Value: 'staging' },
          { Name: 'function', Value: fn },
        ],
      },
    });
  });
});

describe('changes to what guards the vault', () => {
  test.each([
    ['KeyChanges', ['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'DisableKeyRotation', 'UntagResource']],
    ['KeyGrants', ['CreateGrant']],
    ['FunctionChanges', ['UpdateFunctionCode', 'UpdateAlias', 'AddPermission', 'CreateEventSourceMapping']],
    ['FunctionChanges', ['DeleteFunctionCodeSigningConfig', 'PutFunctionCodeSigningConfig']],
    ['ParameterChanges', ['PutParameter', 'DeleteParameter', 'DeleteParameters', 'LabelParameterVersion']],
    ['ApiChanges', ['Create', 'Delete', 'Import', 'Reimport', 'Update']],
    ['SecretChanges', ['PutSecretValue', 'DeleteSecret', 'PutResourcePolicy', 'UpdateSecretVersionStage']],
    ['SecretChanges', ['UntagResource']],
    ['RoleChanges', ['PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy', 'CreatePolicyVersion']],
  ])('are told by the rule %s', (name, calls) => {
    const pattern = JSON.stringify(rule(name).EventPattern);

    expect(calls.filter((call) => !pattern.includes(`"${call}"`))).toEqual([]);
    expect(rule(name).Targets).toMatchObject([{ Arn: { Ref: expect.stringMatching(/^VaultWatchAlarmTopic/) } }]);
  });

  test('are watched on every key', () => {
    const watched = rule('KeyChanges').EventPattern?.detail.resources?.ARN;

    expect(watched).toHaveLength(Object.keys(template.findResources('AWS::KMS::Key')).length);
  });

  test('are watched on every parameter, by its name or its ARN, and where several are deleted at once', () => {
    const published = [{ wildcard: '*/share-vault/staging/*' }];

    expect(rule('ParameterChanges').EventPattern).toMatchObject({
      detail: { $or: [{ requestParameters: { name: published } }, { requestParameters: { names: published } }] },
    });
  });

  test('are told of parameters where there is no webhook, too', () => {
    const without = testVault().template();

    expect(propertiesOf(without, 'AWS::Events::Rule', 'VaultWatchChangesParameterChanges').size).toBe(1);
  });

  test('are told of the API by any call that names it, whatever it changes', () => {
    expect(rule('ApiChanges').EventPattern).toMatchObject({
      detail: { eventName: expect.arrayContaining([{ prefix: 'Create' }, { prefix: 'Update' }]) },
    });
  });

  test("are watched on the webhook's API and on its secret, by name, by ARN and by a part of that", () => {
    expect(plain(rule('ApiChanges').EventPattern)).toMatchObject({
      detail: { requestParameters: { apiId: ['${VaultWebhookApi}'] } },
    });
    expect(plain(rule('SecretChanges').EventPattern)).toMatchObject({
      detail: {
        requestParameters: {
          secretId: [{ wildcard: `*share-vault/staging/webhook-signing-secret-${STACK_SUFFIX}*` }],
        },
      },
    });
  });

  test("are watched on every function's role and policy", () => {
    const watched = JSON.stringify(plain(rule('RoleChanges').EventPattern));

    for (const name of [
      'Functionsseal',
      'Functionsunseal',
      'Functionsrevoke',
      'Functionsproperties',
      'Functionsaudit',
      'WebhookFunction',
      'MigrationFunction',
    ]) {
      expect(watched).toContain(`\${Vault${name}Role}`);
      expect(watched).toContain(`\${Vault${name}RolePermissions}`);
    }
  });
});

describe('the topic for alarms', () => {
  test('is encrypted, takes messages over TLS alone and only from alarms and rules of this account', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });

    expect(statementsOf(template, 'AWS::SNS::TopicPolicy')).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] },
        Condition: { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
      }),
    ]);
  });

  test('can be given, and is then told to let alarms in', () => {
    const stack = testStack();
    const alarmTopic = new sns.Topic(stack, 'Mine');

    const made = testVault({ alarmTopic }, stack).template();

    made.resourceCountIs('AWS::SNS::Topic', 1);
    made.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Mine') }] });
    expect(statementsOf(made, 'AWS::SNS::TopicPolicy')).toMatchObject([{ Sid: 'ShareVaultAlarms' }]);
  });
});

describe('the logs', () => {
  test('of the database are counted for logins that failed, by whatever PostgreSQL calls them', () => {
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('^VaultDatabaseLog') },
      FilterPattern: '?"authentication failed" ?"no pg_hba.conf entry" ?"pg_hba.conf rejects"',
    });
  });

  test.each(['AwsSecretKey', 'OpenSshPrivateKey', 'PkcsPrivateKey'])('of functions mask every %s', (identifier) => {
    const [group] = propertiesOf(template, 'AWS::Logs::LogGroup', 'VaultFunctionsunseal').values();

    expect(JSON.stringify(plain(group?.DataProtectionPolicy))).toContain(`data-identifier/${identifier}"`);
  });

  test.each(['CompactJwe', 'SecretShare'])('of functions mask what looks like %s', (identifier) => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      DataProtectionPolicy: {
        Statement: [
          Match.objectLike({ Operation: { Audit: Match.anyValue() } }),
          Match.objectLike({
            DataIdentifier: Match.arrayWith([identifier]),
            Operation: { Deidentify: { MaskConfig: {} } },
          }),
        ],
      },
    });
  });

  test.each([
    ['CompactJwe', 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y3Q.dGFn'],
    ['SecretShare', '{"secretShare":"bm90LWEtc2hhcmU="}'],
  ])('mask %s by an expression that finds it', (identifier, text) => {
    const [group] = propertiesOf(template, 'AWS::Logs::LogGroup', 'VaultFunctionsunseal').values();
    const { Configuration } = group?.DataProtectionPolicy as {
      readonly Configuration: {
        readonly CustomDataIdentifier: readonly { readonly Name: string; readonly Regex: string }[];
      };
    };
    const found = Configuration.CustomDataIdentifier.find(({ Name }) => Name === identifier);

    expect(text).toMatch(new RegExp(found?.Regex ?? '^$'));
  });
});

test('the dashboard shows the webhook beside what callers ask for', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();

  expect(String(plain(dashboard?.DashboardBody))).toContain('share-vault-staging-receive');
});

test('the dashboard shows how many unseals were refused', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();

  expect(String(plain(dashboard?.DashboardBody))).toContain('"ShareVault","Refused"');
});

test('the dashboard has six graphs that fit one screen', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();
  const body = String(plain(dashboard?.DashboardBody));

  const { widgets } = JSON.parse(body) as { readonly widgets: readonly { readonly x: number; readonly y: number }[] };
  expect(widgets.map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [8, 0],
    [16, 0],
    [0, 6],
    [8, 6],
    [16, 6],
  ]);
});
