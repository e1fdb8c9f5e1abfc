import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Annotations, type App, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations as Found, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ShareVault } from '../../lib/share-vault';
import { StorageKey } from '../../lib/storage-key';
import { statementsOf } from '../support/statements';
import { cdkApp, fixtureBundles, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const WARNING = Match.stringLikeRegexp(
  'alarmTopic Test/Topic is imported.*sns:Publish to cloudwatch.amazonaws.com.*events.amazonaws.com',
);
const availabilityZones = ['eu-west-1a', 'eu-west-1b'];

function imported(scope: Construct, region = HERE.region, account = HERE.account, name = 'alarms'): sns.ITopic {
  return sns.Topic.fromTopicArn(scope, 'Topic', `arn:aws:sns:${region}:${account}:${name}`);
}

function vaultWith(alarmTopic: sns.ITopic, stack: Stack): Stack {
  testVault({ alarmTopic, availabilityZones }, stack);
  return stack;
}

describe('a topic for alarms', () => {
  // the CDK prints its warnings
  beforeEach(() => {
    jest.spyOn(console, 'error').mockReturnValue(undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each<[string, (stack: Stack, app: App) => sns.ITopic, string]>([
    [
      'an imported topic of another region',
      (stack) => imported(stack, 'us-east-1'),
      'region "eu-west-1", got one of "us-east-1"',
    ],
    [
      'an imported topic of another account',
      (stack) => imported(stack, HERE.region, '222222222222'),
      'account "111111111111", got one of "222222222222"',
    ],
    [
      "another region's stack's topic",
      (_stack, app) => new sns.Topic(new Stack(app, 'B', { env: { ...HERE, region: 'eu-west-2' } }), 'Topic'),
      'region "eu-west-1", got one of "eu-west-2"',
    ],
    [
      'a FIFO topic',
      (stack) => new sns.Topic(stack, 'Topic', { fifo: true }),
      'expected a standard topic, got a FIFO topic',
    ],
    [
      'an imported FIFO topic',
      (stack) => imported(stack, HERE.region, HERE.account, 'a.fifo'),
      'expected a standard topic',
    ],
  ])('is refused if it is %s', (_what, topic, message) => {
    const app = cdkApp();
    const stack = testStack({ env: HERE }, app);

    expect(() => vaultWith(topic(stack, app), stack)).toThrow(message);
  });

  test("is refused if it is encrypted under AWS's own key, which lets no alarm in", () => {
    const stack = testStack();
    const masterKey = kms.Alias.fromAliasName(stack, 'Alias', 'alias/aws/sns');

    expect(() => vaultWith(new sns.Topic(stack, 'Topic', { masterKey }), stack)).toThrow(
      "alarmTopic: expected a topic under a key with a policy that can allow alarms, got one under AWS's own key",
    );
  });

  test.each<[string, (stack: Stack) => kms.IKey]>([
    ['a key of the app whose policy lets no alarm in', (stack) => new kms.Key(stack, 'Key')],
    [
      'an imported key',
      (stack) => kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/12345678-1234'),
    ],
  ])('is warned of if it is encrypted under %s', (_what, key) => {
    const stack = testStack();

    vaultWith(new sns.Topic(stack, 'Topic', { masterKey: key(stack) }), stack);

    Found.fromStack(stack).hasWarning(
      '/Test/Vault/Watch',
      Match.stringLikeRegexp('alarmTopic Test/Topic is encrypted'),
    );
  });

  test('is not warned of if it is encrypted under a key that lets alarms in', () => {
    const stack = testStack();
    const { key } = new StorageKey(stack, 'StorageKey', { environment: 'staging' });

    vaultWith(new sns.Topic(stack, 'Topic', { masterKey: key }), stack);

    Found.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('alarmTopic'));
  });

  test.each<[string, StackProps]>([
    ['of the same account and region', { env: HERE }],
    ['in a stack whose account and region are unknown', {}],
  ])('is warned of if it is imported, %s: its policy stays as it is', (_where, props) => {
    const stack = testStack(props);

    vaultWith(imported(stack), stack);

    Found.fromStack(stack).hasWarning('/Test/Vault/Watch', WARNING);
  });

  test('is no longer warned of once an app acknowledges that its owner lets the alarms in', () => {
    const stack = testStack({ env: HERE });
    Annotations.of(stack).acknowledgeWarning('cdk-share-vault:imported-alarm-topic', 'the platform team allows them');

    vaultWith(imported(stack), stack);

    Found.fromStack(stack).hasNoWarning('*', WARNING);
  });

  test('is not warned of if the app makes it, in the same stack or another one', () => {
    const app = cdkApp();
    const stack = testStack({}, app);

    vaultWith(new sns.Topic(new Stack(app, 'Other'), 'Topic', { enforceSSL: true }), stack);

    Found.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('alarmTopic'));
  });

  test('is encrypted, takes messages over TLS only, from alarms of this account and from event rules', () => {
    const template = testVault({ webhook: {} }).template();

    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });

    expect(statementsOf(template, 'AWS::SNS::TopicPolicy')).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
      }),
      // EventBridge sends no condition key: with a condition, no message arrives
      expect.not.objectContaining({ Condition: expect.anything() }),
    ]);
  });

  test('can be one for two vaults, whose statements are the same', () => {
    const stack = testStack();
    const alarmTopic = new sns.Topic(stack, 'Mine');
    testVault({ alarmTopic }, stack);
    const bundles = fixtureBundles();
    new ShareVault(stack, 'Other', { environment: 'other', cidr: '10.1.0.0/24', bundles, alarmTopic });

    const statements = statementsOf(Template.fromStack(stack), 'AWS::SNS::TopicPolicy').map(({ Sid }) => Sid);

    expect(statements).toEqual(['AllowAlarmsFromCloudWatch', 'AllowAlarmsFromEventBridge']);
  });

  test('can be given, and then gets statements that allow alarms', () => {
    const stack = testStack();
    const alarmTopic = new sns.Topic(stack, 'Mine');

    const made = testVault({ alarmTopic }, stack).template();

    made.resourceCountIs('AWS::SNS::Topic', 1);
    made.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Mine') }] });
    expect(statementsOf(made, 'AWS::SNS::TopicPolicy')).toMatchObject([
      { Sid: 'AllowAlarmsFromCloudWatch' },
      { Sid: 'AllowAlarmsFromEventBridge', Principal: { Service: 'events.amazonaws.com' } },
    ]);
  });
});
