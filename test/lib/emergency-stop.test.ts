import { describe, expect, test } from '@jest/globals';
import { type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Egress } from '../../lib/egress';
import { EmergencyStop, type EmergencyStopProps } from '../../lib/emergency-stop';
import { ShareKey } from '../../lib/share-key';
import { plain } from '../../local/audit/plain';
import { matchesPattern } from '../support/event-match';
import { jwtKey } from '../support/external-keys';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const ONCALL = new iam.ArnPrincipal('arn:aws:iam::111111111111:role/OnCall');
const ROLE = '${StopRole.Arn}';
const OUTSIDE = { shareKey: jwtKey(), egress: Egress.natGateway() };

function stopIn(stack: Stack, props: Omit<EmergencyStopProps, 'assumedBy'> & Partial<EmergencyStopProps>) {
  const stop = new EmergencyStop(stack, 'Stop', { assumedBy: ONCALL, ...props });
  return { stop, template: Template.fromStack(stack) };
}

const usual = testVault();
const { template } = stopIn(usual.stack, { vault: usual.vault });

const rule = (name: string) =>
  [...propertiesOf(template, 'AWS::Events::Rule', 'Stop').values()].find(
    ({ Name }) => Name === `share-vault-staging-${name}`,
  ) ?? {};
const reports = (name: string, service: string, detail: object): boolean =>
  matchesPattern(plain(rule(name).EventPattern), {
    source: `aws.${service}`,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { eventSource: `${service}.amazonaws.com`, ...detail },
  });
const asRole = (arn: string) => ({ userIdentity: { sessionContext: { sessionIssuer: { arn } } } });

describe('the role of an emergency stop', () => {
  test('is allowed to disable the share key, and denied every other action', () => {
    expect(statementsOf(template, 'AWS::IAM::ManagedPolicy', 'StopRole')).toEqual([
      {
        Sid: 'AllowDisableKey',
        Effect: 'Allow',
        Action: 'kms:DisableKey',
        Resource: '${VaultKeysShareKey.Arn}',
      },
      { Sid: 'DenyAllElse', Effect: 'Deny', NotAction: 'kms:DisableKey', Resource: '*' },
    ]);
  });

  test('disables every key in AWS that opens records, and none of the others', () => {
    const stack = testStack();
    const next = new ShareKey(stack, 'Next', { environment: 'staging' });
    const third = new ShareKey(stack, 'Third', { environment: 'staging' });
    const { vault } = testVault({ shareKey: next, retiringShareKeys: [ShareKey.ofVault(), third] }, stack);

    const { stop, template: replaced } = stopIn(stack, { vault });

    expect(plain(stack.resolve(stop.keyArns))).toEqual([
      '${NextKey.Arn}',
      '${VaultKeysShareKey.Arn}',
      '${ThirdKey.Arn}',
    ]);
    expect(statementsOf(replaced, 'AWS::IAM::ManagedPolicy', 'StopRole')).toMatchObject([
      { Resource: ['${NextKey.Arn}', '${ThirdKey.Arn}', '${VaultKeysShareKey.Arn}'] },
      { Sid: 'DenyAllElse' },
    ]);
  });

  test('disables the former keys in AWS of a vault with a share key outside AWS', () => {
    const stack = testStack();
    const { vault } = testVault({ ...OUTSIDE, retiringShareKeys: [ShareKey.ofVault()] }, stack);

    const { stop } = stopIn(stack, { vault });

    expect(plain(stack.resolve(stop.keyArns))).toEqual(['${VaultKeysShareKey.Arn}']);
  });

  test('can be assumed by the given principal only, and has the path that the control policies exempt', () => {
    expect([...propertiesOf(template, 'AWS::IAM::Role', 'Stop').values()].map((each) => plain(each))).toMatchObject([
      {
        Path: '/share-vault-emergency/',
        AssumeRolePolicyDocument: {
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS: ONCALL.arn } }],
        },
      },
    ]);
  });

  test('can be required to have a session with MFA', () => {
    const { stack, vault } = testVault();

    const { template: strict } = stopIn(stack, { vault, requireMfa: true });

    expect([...propertiesOf(strict, 'AWS::IAM::Role', 'Stop').values()]).toMatchObject([
      {
        AssumeRolePolicyDocument: {
          Statement: [
            { Principal: { AWS: ONCALL.arn }, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
          ],
        },
      },
    ]);
  });

  test.each<[string, iam.IPrincipal]>([
    ['any principal', new iam.AnyPrincipal()],
    ['every principal, services included', new iam.StarPrincipal()],
    [
      'any principal under a condition',
      new iam.PrincipalWithConditions(new iam.AnyPrincipal(), { Bool: { 'aws:SecureTransport': 'true' } }),
    ],
  ])('is refused for %s', (_name, assumedBy) => {
    const { stack, vault } = testVault();

    expect(() => new EmergencyStop(stack, 'Stop', { vault, assumedBy })).toThrow(
      'assumedBy: expected named principals, got "*"',
    );
  });

  test('is refused without a principal', () => {
    const { stack, vault } = testVault();

    expect(() => new EmergencyStop(stack, 'Stop', { vault } as unknown as EmergencyStopProps)).toThrow(
      'assumedBy: expected a principal such as new iam.ArnPrincipal(…), got undefined',
    );
  });

  test('is refused for a vault of another stack, and for one without a key in AWS', () => {
    const outside = testVault(OUTSIDE);

    expect(() => new EmergencyStop(testStack(), 'Stop', { vault: usual.vault, assumedBy: ONCALL })).toThrow(
      'vault: expected one of the same stack, got another stack',
    );
    expect(() => new EmergencyStop(outside.stack, 'Stop', { vault: outside.vault, assumedBy: ONCALL })).toThrow(
      'vault: expected one with a share key in AWS KMS, got only keys outside AWS',
    );
  });
});

describe('the use of the role of an emergency stop', () => {
  test.each([
    ['an AssumeRole', 'sts', { eventName: 'AssumeRole', requestParameters: { roleArn: ROLE } }, true],
    ['a login by SAML', 'sts', { eventName: 'AssumeRoleWithSAML', requestParameters: { roleArn: ROLE } }, true],
    ['a login by OIDC', 'sts', { eventName: 'AssumeRoleWithWebIdentity', requestParameters: { roleArn: ROLE } }, true],
    [
      'an AssumeRole of another role',
      'sts',
      { eventName: 'AssumeRole', requestParameters: { roleArn: 'other' } },
      false,
    ],
    ['it disables a key', 'kms', { eventName: 'DisableKey', ...asRole(ROLE) }, true],
    ['it was denied a call', 'kms', { eventName: 'Decrypt', errorCode: 'AccessDenied', ...asRole(ROLE) }, true],
    ['another role disables a key', 'kms', { eventName: 'DisableKey', ...asRole('other') }, false], // prettier-ignore
  ])('is what its rule reports: %s by %s, %j: %s', (_name, service, detail, isReported) => {
    expect(reports('EmergencyStop', service, detail)).toBe(isReported);
  });

  test('is reported to the topic of the vault, reads included', () => {
    expect(plain(rule('EmergencyStop'))).toMatchObject({
      State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      Targets: [{ Arn: '${VaultWatchAlarmTopic}' }],
    });
  });

  test('is reported by KeyChanges too, which names the key, if it disables one', () => {
    const [changes] = propertiesOf(template, 'AWS::Events::Rule', 'VaultWatchChangesKeyChanges').values();
    const detail = {
      eventSource: 'kms.amazonaws.com',
      eventName: 'DisableKey',
      resources: [{ ARN: '${VaultKeysShareKey.Arn}' }],
      ...asRole(ROLE),
    };
    const event = { source: 'aws.kms', 'detail-type': 'AWS API Call via CloudTrail', detail };

    expect(matchesPattern(plain(changes?.EventPattern), event)).toBe(true);
  });

  test.each([
    ['UpdateAssumeRolePolicy', { roleName: '${StopRole}' }, true],
    ['AttachRolePolicy', { roleName: '${StopRole}' }, true],
    ['CreatePolicyVersion', { policyArn: '${StopRolePermissions}' }, true],
    ['UpdateAssumeRolePolicy', { roleName: 'other' }, false],
  ])('is prepared by %s of %j: reported %s', (eventName, requestParameters, isReported) => {
    expect(reports('EmergencyStopChanges', 'iam', { eventName, requestParameters })).toBe(isReported);
  });

  test.each([
    ['us-east-1', 2],
    ['eu-central-1', 1],
  ])('has a rule on changes of the role where EventBridge has IAM events: in %s %d rules', (region, count) => {
    const stack = testStack({ env: { account: '111111111111', region } }, cdkApp());
    const { vault } = testVault({ availabilityZones: [`${region}a`, `${region}b`] }, stack);

    const { template: placed } = stopIn(stack, { vault });

    expect(propertiesOf(placed, 'AWS::Events::Rule', 'Stop').size).toBe(count);
  });
});
