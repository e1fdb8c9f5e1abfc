import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

const OBJECTS = '${VaultTombstonesBucket.Arn}/tombstones/*';
const DELEGATED = '${VaultTombstonesBucket.Arn}/delegated-tombstones/*';
const RECEIPTS = '${VaultTombstonesBucket.Arn}/receipts/*';
const WRITERS = ['VaultFunctionsrevoke', 'VaultWebhook', 'VaultMigration', 'VaultResealFunction'];
const made = testVault({ tombstones: {}, webhook: {} });
const template = made.template();
const [bucket] = propertiesOf(template, 'AWS::S3::Bucket').values();

const policy = (each = template) => statementsOf(each, 'AWS::S3::BucketPolicy', 'VaultTombstones');
const of = (sid: string, each = template) => policy(each).find(({ Sid }) => Sid === sid);

describe('the bucket of tombstones', () => {
  test('keeps every version for the time of backups and 30 days, and is private', () => {
    expect(bucket).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 65 } } },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('refuses to replace, delete and unlock objects, whoever asks', () => {
    const all = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: '${VaultTombstonesBucket.Arn}/*' };

    expect(of('DenyReplace')).toMatchObject({
      ...{ ...all, Action: 's3:PutObject', Condition: { StringNotEquals: { 's3:if-none-match': '*' } } },
    });
    expect(of('DenyDelete')).toEqual({
      ...{ ...all, Sid: 'DenyDelete' },
      Action: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    });
    expect(of('DenyOwnLocks')).toMatchObject({ ...all, Action: ['s3:PutObjectLegalHold', 's3:PutObjectRetention'] });
  });

  test('takes tombstones of revoke and migrate only, those of delegated shares of receive only, and receipts of reseal and migrate only', () => {
    const unless = (objects: string, functions: readonly string[]) => ({
      ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject', Resource: objects },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': functions.map((name) => `\${${name}Role.Arn}`) } },
    });

    const [revoke, receive, migrate, reseal] = ['VaultFunctionsrevoke', 'VaultWebhookFunction', 'VaultMigrationFunction', 'VaultResealFunction'] as const; // prettier-ignore
    expect(of('DenyPutTombstonesUnlessOwnFunctions')).toMatchObject(unless(OBJECTS, [revoke, migrate]));
    expect(of('DenyPutDelegatedTombstonesUnlessOwnFunctions')).toMatchObject(unless(DELEGATED, [receive]));
    expect(of('DenyPutReceiptsUnlessOwnFunctions')).toMatchObject(unless(RECEIPTS, [reseal, migrate]));
  });

  test('takes no other object of anyone', () => {
    expect(of('DenyPutElsewhere')).toEqual({
      ...{ Sid: 'DenyPutElsewhere', Effect: 'Deny', Principal: { AWS: '*' } },
      ...{ Action: 's3:PutObject', NotResource: [OBJECTS, DELEGATED, RECEIPTS] },
    });
  });

  test('takes no tombstone of delegated shares at all in a vault without a webhook', () => {
    const without = testVault({ tombstones: {} }).template();

    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject', Resource: DELEGATED };
    expect(of('DenyPutDelegatedTombstonesUnlessOwnFunctions', without)).toEqual({
      Sid: 'DenyPutDelegatedTombstonesUnlessOwnFunctions',
      ...deny,
    });
  });

  test('is called over TLS only', () => {
    expect(policy().find(({ Condition }) => JSON.stringify(Condition).includes('aws:SecureTransport'))).toMatchObject({
      ...{ Effect: 'Deny', Action: 's3:*' },
    });
  });

  test.each(WRITERS)('is written by %s, which may put and nothing else unless it replays', (prefix) => {
    const all = statementsOf(template, 'AWS::IAM::ManagedPolicy', prefix).filter(({ Action }) =>
      JSON.stringify(Action).includes('s3:'),
    );
    const put = { Sid: 'AllowKeepTombstones', Effect: 'Allow', Action: 's3:PutObject', Resource: OBJECTS };
    const receipt = { Sid: 'AllowKeepReceipts', Effect: 'Allow', Action: 's3:PutObject', Resource: RECEIPTS };
    const read = {
      Sid: 'AllowReadTombstones',
      Effect: 'Allow',
      Action: 's3:GetObjectVersion',
      Resource: [DELEGATED, OBJECTS],
    };
    const delegated = { ...put, Sid: 'AllowKeepDelegatedTombstones', Resource: DELEGATED };
    const list = {
      ...{
        Sid: 'AllowListTombstones',
        Effect: 'Allow',
        Action: 's3:ListBucketVersions',
        Resource: '${VaultTombstonesBucket.Arn}',
      },
      Condition: { StringEquals: { 's3:prefix': ['tombstones/', 'delegated-tombstones/'] } },
    };

    const allowed: Readonly<Record<string, readonly unknown[]>> = {
      VaultFunctionsrevoke: [put, read, list],
      VaultWebhook: [delegated],
      VaultMigration: [put, receipt],
      VaultResealFunction: [receipt],
    };
    expect(all).toEqual(allowed[prefix]);
  });

  test('is no permission of any other function', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::ManagedPolicy')).filter(([, each]) =>
      JSON.stringify(each).includes('"s3:'),
    );

    expect(roles.map(([id]) => WRITERS.some((prefix) => id.startsWith(prefix)))).toEqual([true, true, true, true]);
  });

  test('is named to the functions that write, and to no other', () => {
    const named = [...propertiesOf(template, 'AWS::Lambda::Function')].filter(([, { Environment }]) =>
      JSON.stringify(Environment ?? {}).includes('SHARE_VAULT_TOMBSTONE_BUCKET'),
    );

    expect(named).toHaveLength(4);
    for (const [, { Environment }] of named) {
      expect(plain(Environment)).toMatchObject({
        Variables: {
          SHARE_VAULT_TOMBSTONE_BUCKET: '${AWS::AccountId}/${VaultTombstonesBucket}',
          AWS_ENDPOINT_URL_S3: expect.stringMatching(/^https:\/\/bucket\.vpce-/),
        },
      });
    }
  });

  test('is reached through an endpoint that passes only these calls', () => {
    const statements = statementsOf(template, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpoints3');

    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    const who = ({ Condition }: (typeof allowed)[number]) =>
      /\$\{(\w+)Role\.Arn\}/.exec(JSON.stringify(Condition))?.[1] ?? '';
    const passed = allowed.map((each) => [who(each), [each.Action].flat().join(), [each.Resource].flat()]);
    expect(passed.sort()).toEqual([
      ['VaultFunctionsrevoke', 's3:GetObjectVersion', [DELEGATED, OBJECTS]],
      ['VaultFunctionsrevoke', 's3:ListBucketVersions', ['${VaultTombstonesBucket.Arn}']],
      ['VaultFunctionsrevoke', 's3:PutObject', [OBJECTS]],
      ['VaultMigrationFunction', 's3:PutObject', [RECEIPTS, OBJECTS]],
      ['VaultResealFunction', 's3:PutObject', [RECEIPTS]],
      ['VaultWebhookFunction', 's3:PutObject', [DELEGATED]],
    ]);
    expect(statements.map(({ Sid }) => Sid)).toContain('DenyOtherAccounts');
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      ServiceName: Match.anyValue(),
      PrivateDnsEnabled: false,
    });
  });

  test('has an alarm that keeps its state between revocations', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-tombstones-Pending',
      MetricName: 'TombstonesPending',
      TreatMissingData: 'ignore',
      Threshold: 1,
    });
  });

  test('gets what revocations could not bring there once an hour', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 hour)' });
    testVault().template().resourcePropertiesCountIs('AWS::Events::Rule', { ScheduleExpression: 'rate(1 hour)' }, 0);
  });

  test('exists only if it is asked for', () => {
    const without = testVault().template();

    without.resourceCountIs('AWS::S3::Bucket', 0);
    expect(JSON.stringify(without.toJSON())).not.toMatch(/tombstone|"s3:/i);
  });

  test('of a vault that is destroyed with its stack has objects that an administrator can delete', () => {
    const destroyed = testVault({ tombstones: {}, removalPolicy: RemovalPolicy.DESTROY }).template();
    const [own] = propertiesOf(destroyed, 'AWS::S3::Bucket').values();

    expect(own?.ObjectLockConfiguration).toMatchObject({ Rule: { DefaultRetention: { Mode: 'GOVERNANCE' } } });
    expect(of('DenyDelete', destroyed)).toBeUndefined();
    expect(of('DenyReplace', destroyed)).toBeDefined();
  });

  test('in an existing network without endpoints of the vault is called by its usual name', () => {
    const stack = testStack();
    const shared = testVault({ tombstones: {}, vpc: new ec2.Vpc(stack, 'Shared') }, stack).template();

    expect(JSON.stringify(shared.toJSON())).not.toContain('AWS_ENDPOINT_URL_S3');
  });
});

test.each([Duration.days(35), Duration.hours(2_000.5), Duration.days(3_651)])(
  'the bucket of tombstones refuses a retention of %s, which backups outlive or which is none',
  (retention) => {
    expect(() => testVault({ tombstones: { retention } })).toThrow(/^retention: expected /);
  },
);

test('the bucket of tombstones takes a retention that is longer than that of backups', () => {
  const days = testVault({ backupRetention: Duration.days(7), tombstones: { retention: Duration.days(8) } }).template();

  days.hasResourceProperties('AWS::S3::Bucket', {
    ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 8 } } },
  });
});
