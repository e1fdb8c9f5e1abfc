import { describe, expect, test } from '@jest/globals';
import { Aws } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { IdentityAlarms } from '../../lib/identity-alarms';
import { matchesPattern } from '../support/event-match';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';

function identityAlarms(vaultStackName: string, region = 'us-east-1'): Template {
  const stack = testStack({ env: { account: '111111111111', region } }, cdkApp());
  const alarmTopic = new sns.Topic(stack, 'Topic');
  new IdentityAlarms(stack, 'Identity', { environment: 'prod', vaultStackName, alarmTopic });
  return Template.fromStack(stack);
}

function reports(template: Template, eventName: string, requestParameters: object): boolean {
  const [rule] = propertiesOf(template, 'AWS::Events::Rule', 'IdentityIdentityChanges').values();
  const detail = { eventSource: 'iam.amazonaws.com', eventName, requestParameters };
  return matchesPattern(rule?.EventPattern, {
    source: 'aws.iam',
    'detail-type': 'AWS API Call via CloudTrail',
    detail,
  });
}

const POLICY = 'arn:aws:iam::111111111111:policy';

describe('the alarms on roles, in the region of the events of IAM', () => {
  const template = identityAlarms('Vaults');

  test.each([
    ['PutRolePolicy', { roleName: 'Vaults-VaultFunctionsunsealRole1A2B3C4D-5E6F' }],
    ['UpdateAssumeRolePolicy', { roleName: 'Vaults-VaultFunctionsunsealRole1A2B3C4D-5E6F' }],
    ['CreatePolicyVersion', { policyArn: `${POLICY}/Vaults-VaultFunctionsunsealRolePermissions1A-5E6F` }],
    ['SetDefaultPolicyVersion', { policyArn: `${POLICY}/share-vault/Vaults-VaultFunctionsunsealRolePermissions1A` }],
  ])('report %s of %j', (eventName, parameters) => {
    expect(reports(template, eventName, parameters)).toBe(true);
  });

  test.each([
    ['PutRolePolicy', { roleName: 'Vaults2-VaultFunctionsunsealRole1A2B3C4D-5E6F' }],
    ['GetRole', { roleName: 'Vaults-VaultFunctionsunsealRole1A2B3C4D-5E6F' }],
  ])('do not report %s of %j', (eventName, parameters) => {
    expect(reports(template, eventName, parameters)).toBe(false);
  });

  test('report a role of a stack whose name CloudFormation shortens', () => {
    const long = identityAlarms(`company-payments-production-${'x'.repeat(60)}`);

    expect(reports(long, 'PutRolePolicy', { roleName: 'company-payments-product-VaultFunctionsunseal-5E6F' })).toBe(
      true,
    );
  });

  test('each have an alarm on messages that could not be sent', () => {
    expect(propertiesOf(template, 'AWS::Events::Rule').size).toBe(3);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
  });

  test('may publish to the topic', () => {
    expect(statementsOf(template, 'AWS::SNS::TopicPolicy').map(({ Sid }) => Sid)).toEqual([
      'AllowAlarmsFromCloudWatch',
      'AllowAlarmsFromEventBridge',
    ]);
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('can be in %s, for its partition', (region) => {
    expect(() => identityAlarms('Vaults', region)).not.toThrow();
  });

  test('are refused in another region, where no event of IAM arrives', () => {
    expect(() => identityAlarms('Vaults', 'eu-west-1')).toThrow('region: expected us-east-1');
  });

  test.each([
    ['region "us-east-1"', 'arn:aws:sns:eu-west-1:111111111111:alarms'],
    ['account "111111111111"', 'arn:aws:sns:us-east-1:222222222222:alarms'],
  ])("are refused with a topic that is not of the stack's own %s", (place, arn) => {
    const stack = testStack({ env: { account: '111111111111', region: 'us-east-1' } }, cdkApp());
    const alarmTopic = sns.Topic.fromTopicArn(stack, 'Topic', arn);
    const props = { environment: 'prod', vaultStackName: 'Vaults', alarmTopic };

    expect(() => new IdentityAlarms(stack, 'Identity', props)).toThrow(
      `alarmTopic: expected a topic of the stack's ${place}`,
    );
  });

  test.each([
    ['a token', Aws.STACK_NAME],
    ['an empty name', ''],
    ['a pattern', 'Vaults-*'],
  ])('are refused with %s for a stack name', (_what, name) => {
    expect(() => identityAlarms(name)).toThrow('vaultStackName: expected');
  });
});
