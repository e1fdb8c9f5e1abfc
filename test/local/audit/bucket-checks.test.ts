import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { audit } from '../../../local/audit/checks';
import { readTemplate } from '../../../local/audit/checks/template';
import { append, drop, type Mutation, remove, set, type TemplateJson } from '../../support/mutate';
import { secretsManagerBodies } from '../../support/body-stores';
import { testVault } from '../../support/vault';

const RULE = 'VaultWatchChangesBucketChanges';
const BUCKET = 'VaultTombstonesBucket';
const POLICY = 'VaultTombstonesBucketPolicy';
const PATTERN = ['Properties', 'EventPattern', 'detail'] as const;
const STATEMENTS = ['Properties', 'PolicyDocument', 'Statement'] as const;
const RETENTION = ['Properties', 'ObjectLockConfiguration', 'Rule', 'DefaultRetention'] as const;
const PUBLIC = ['Properties', 'PublicAccessBlockConfiguration'] as const;
const RULE_CHECKS = ['changesAreReported', 'changeRulesHaveReviewedPatterns'];
const CHECKS = [...RULE_CHECKS, 'bucketIsPrivate', 'bucketKeepsObjects', 'bucketPolicyDenies'];

// deep equality rejects objects of another realm
const templateOf = (props: Parameters<typeof testVault>[0]) =>
  JSON.parse(JSON.stringify(testVault(props).template().toJSON())) as TemplateJson;
const made = templateOf({ webhook: {}, tombstones: {} });
const archiving = templateOf({ tombstones: {}, accessLog: { retention: Duration.days(90) } });

/** The findings about the bucket and its rule, as `check resource`. */
function findingsOf(template: TemplateJson): readonly string[] {
  return audit(readTemplate('staging', template))
    .filter(({ check, resource }) => CHECKS.includes(check) && [RULE, BUCKET].includes(resource))
    .map(({ check }) => check);
}

const sid = (name: string) => (statement: unknown) => (statement as { readonly Sid?: string }).Sid === name;
const about = (text: string) => (statement: unknown) => JSON.stringify(statement).includes(text);
const statement = (name: string) => [...STATEMENTS, sid(name)] as const;
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/admin';

describe('the checks of a vault with a bucket of tombstones', () => {
  test.each([
    ['with a webhook', made],
    ['without one', templateOf({ tombstones: {} })],
    ['without a reseal', templateOf({ tombstones: {}, bodyStore: secretsManagerBodies() })],
    ['that archives its access log', archiving],
    ['that goes with its stack', templateOf({ tombstones: {}, removalPolicy: RemovalPolicy.DESTROY })],
  ])('have nothing against a bucket and its rule in a vault %s', (_what, template) => {
    expect(findingsOf(template)).toEqual([]);
  });

  const ofRule: readonly (readonly [string, Mutation, readonly string[]])[] = [
    ['is missing', drop(RULE), RULE_CHECKS],
    ['is off', set(RULE, ['Properties', 'State'], 'DISABLED'), ['changesAreReported']],
    [
      'leaves lifecycle rules out',
      set(RULE, [...PATTERN, 'eventName'], ['DeleteBucket', 'PutBucketPolicy']),
      ['changesAreReported'],
    ],
    [
      'watches another bucket',
      set(RULE, [...PATTERN, 'requestParameters'], { bucketName: ['another'] }),
      ['changeRulesHaveReviewedPatterns'],
    ],
  ];
  test.each(ofRule)('find a rule that %s', (_, mutate, checks) => {
    expect(new Set(findingsOf(mutate(made)))).toEqual(new Set(checks));
  });

  test.each([
    ['has no Object Lock', remove(BUCKET, ['Properties', 'ObjectLockEnabled'])],
    ['lets an administrator delete', set(BUCKET, [...RETENTION, 'Mode'], 'GOVERNANCE')],
    ['keeps objects for less time than backups', set(BUCKET, [...RETENTION, 'Days'], 35)],
    ['has no default retention', remove(BUCKET, ['Properties', 'ObjectLockConfiguration'])],
    ['has no versions', set(BUCKET, ['Properties', 'VersioningConfiguration', 'Status'], 'Suspended')],
    ['has lifecycle rules', set(BUCKET, ['Properties', 'LifecycleConfiguration'], { Rules: [] })],
  ])('find a bucket that %s', (_, mutate) => {
    expect(new Set(findingsOf(mutate(made)))).toEqual(new Set(['bucketKeepsObjects']));
  });

  test.each([
    ['blocks no public policies', set(BUCKET, [...PUBLIC, 'BlockPublicPolicy'], false)],
    ['blocks no public access', remove(BUCKET, PUBLIC)],
    ['has ACLs', remove(BUCKET, ['Properties', 'OwnershipControls'])],
    [
      'allows an account to read',
      append(POLICY, STATEMENTS, {
        ...{ Effect: 'Allow', Principal: { AWS: '210987654321' } },
        ...{ Action: 's3:GetObject', Resource: '*' },
      }),
    ],
  ])('find a bucket that %s', (_, mutate) => {
    expect(findingsOf(mutate(made))).toEqual(['bucketIsPrivate']);
  });

  test.each([
    ['requests without TLS', remove(POLICY, [...STATEMENTS, about('aws:SecureTransport')])],
    ['old versions of TLS', set(POLICY, [...STATEMENTS, about('s3:TlsVersion'), 'Condition', 'NumericLessThan'], 1)],
    ['a second put', remove(POLICY, statement('DenyReplace'))],
    ['locks of an object', remove(POLICY, statement('DenyOwnLocks'))],
    ['deletions', set(POLICY, [...statement('DenyDelete'), 'Action'], 's3:DeleteObject')],
    ['tombstones of others', remove(POLICY, statement('DenyPutTombstonesUnlessOwnFunctions'))],
    ['tombstones that receive puts', remove(POLICY, statement('DenyPutDelegatedTombstonesUnlessOwnFunctions'))],
    [
      'tombstones of an administrator',
      append(POLICY, [...statement('DenyPutTombstonesUnlessOwnFunctions'), 'Condition', 'ArnNotEquals', 'aws:PrincipalArn'], OTHER_ROLE), // prettier-ignore
    ],
    [
      'receipts of an administrator',
      append(POLICY, [...statement('DenyPutReceiptsUnlessOwnFunctions'), 'Condition', 'ArnNotEquals', 'aws:PrincipalArn'], OTHER_ROLE), // prettier-ignore
    ],
    ['receipts of others', set(POLICY, [...statement('DenyPutReceiptsUnlessOwnFunctions'), 'Effect'], 'Allow')],
    ['other objects', set(POLICY, [...statement('DenyPutElsewhere'), 'NotResource'], '*')],
    ['anyone but one account', set(POLICY, [...statement('DenyReplace'), 'Principal'], { AWS: '210987654321' })],
  ])('find a policy that does not deny %s', (_, mutate) => {
    expect(findingsOf(mutate(made))).toContain('bucketPolicyDenies');
  });

  test.each([
    ['archives of the access log by others', remove(POLICY, statement('DenyPutLogArchivesUnlessOwnFunctions'))],
    [
      'archives of the access log by an administrator',
      append(POLICY, [...statement('DenyPutLogArchivesUnlessOwnFunctions'), 'Condition', 'ArnNotEquals', 'aws:PrincipalArn'], OTHER_ROLE), // prettier-ignore
    ],
  ])('find a policy that does not deny %s', (_, mutate) => {
    expect(findingsOf(mutate(archiving))).toContain('bucketPolicyDenies');
  });

  test('find archives of the access log that are kept for less than a year', () => {
    expect(findingsOf(set(BUCKET, [...RETENTION, 'Days'], 364)(archiving))).toEqual(['bucketKeepsObjects']);
    expect(findingsOf(set(BUCKET, [...RETENTION, 'Days'], 364)(made))).toEqual([]);
  });

  test('find a retention of the access log without a bucket', () => {
    const checksOf = (template: TemplateJson) =>
      audit(readTemplate('staging', template)).filter(({ check }) => check === 'bucketKeepsObjects');

    expect(checksOf(drop(BUCKET)(archiving))).toMatchObject([{ resource: 'VaultMigrationFunction' }]);
    expect(checksOf(drop(BUCKET)(made))).toEqual([]);
  });

  test('find a sweep that does not run hourly', () => {
    const sweep = 'VaultMigrationSweep';
    const daily = set(sweep, ['Properties', 'ScheduleExpression'], 'rate(1 day)')(made);
    const checksOf = (template: TemplateJson) =>
      audit(readTemplate('staging', template)).filter(({ resource }) => resource === sweep).map(({ check }) => check); // prettier-ignore

    expect(checksOf(made)).toEqual([]);
    expect(checksOf(daily)).toContain('sweepRunsDaily');
  });

  test('find a bucket without a policy', () => {
    expect(findingsOf(drop(POLICY)(made))).toHaveLength(9);
  });
});
