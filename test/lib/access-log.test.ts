import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { plain } from '../../local/audit/plain';
import { Migration, TombstoneBucket } from '../../lib';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { Parts } from '../support/values/parts';
import { testVault } from '../support/vault';

const OBJECTS = '${VaultTombstonesBucket.Arn}/access-log/*';
const accessLog = { retention: Duration.days(90) };
const template = testVault({ tombstones: {}, webhook: {}, accessLog }).template();
const without = testVault({ tombstones: {}, webhook: {} }).template();
const policy = (of = template) => statementsOf(of, 'AWS::S3::BucketPolicy', 'VaultTombstones');
const daysOf = (of = template) => {
  const [bucket] = propertiesOf(of, 'AWS::S3::Bucket').values();
  return plain(bucket?.ObjectLockConfiguration);
};

describe('a retention of the access log', () => {
  test('is known to the function that archives, and to no other', () => {
    const named = [...propertiesOf(template, 'AWS::Lambda::Function')].filter(([, { Environment }]) =>
      JSON.stringify(Environment ?? {}).includes('SHARE_VAULT_LOG_RETENTION_DAYS'),
    );

    expect(named.map(([id]) => id)).toEqual([expect.stringMatching(/^VaultMigrationFunction/)]);
    expect(plain(named[0]?.[1].Environment)).toMatchObject({ Variables: { SHARE_VAULT_LOG_RETENTION_DAYS: '90' } });
  });

  test('lets only migrate put archives of the access log, whoever else may put objects', () => {
    expect(policy().find(({ Sid }) => Sid === 'DenyPutLogArchivesUnlessOwnFunctions')).toMatchObject({
      ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject', Resource: OBJECTS },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': ['${VaultMigrationFunctionRole.Arn}'] } },
    });
    const allowed = statementsOf(template, 'AWS::IAM::ManagedPolicy', 'Vault').filter((statement) =>
      JSON.stringify(statement).includes('access-log/'),
    );
    expect(allowed).toEqual([
      { Sid: 'AllowKeepLogArchives', Effect: 'Allow', Action: 's3:PutObject', Resource: OBJECTS },
      { Sid: 'AllowReadLogArchives', Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: OBJECTS },
      {
        ...{ Sid: 'AllowListLogArchives', Effect: 'Allow', Action: 's3:ListBucketVersions' },
        ...{ Resource: '${VaultTombstonesBucket.Arn}', Condition: { StringEquals: { 's3:prefix': 'access-log/' } } },
      },
    ]);
  });

  test('keeps objects of the bucket for a year, or for longer if backups or the option ask for it', () => {
    const longer = testVault({ tombstones: { retention: Duration.days(400) }, accessLog }).template();

    expect(daysOf()).toMatchObject({ Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } });
    expect(daysOf(longer)).toMatchObject({ Rule: { DefaultRetention: { Days: 400 } } });
    expect(daysOf(without)).toMatchObject({ Rule: { DefaultRetention: { Days: 65 } } });
  });

  test('refuses a bucket that keeps archives for less than a year', () => {
    expect(() => testVault({ tombstones: { retention: Duration.days(364) }, accessLog })).toThrow(
      'retention: expected 365 to 3650 whole days, got 364',
    );
  });

  test('refuses a vault without a bucket: nothing is dropped from a database without an archive', () => {
    expect(() => testVault({ accessLog })).toThrow('accessLog.retention: expected tombstones beside it, got none');
  });

  test('refuses a migration whose bucket takes no archives', () => {
    const parts = new Parts();
    const { stack, own, keys } = parts;
    const tombstones = new TombstoneBucket(stack, parts.id(), { ...own, backupDays: 7 });

    expect(() => new Migration(stack, parts.id(), { ...own, keys, tombstones, accessLog })).toThrow(
      'accessLog.retention: expected a bucket with archivesLog, got one without',
    );
  });

  test('is none by default: no function knows one, and nobody puts archives', () => {
    expect(JSON.stringify(without.toJSON())).not.toMatch(/LOG_RETENTION|access-log/);
    expect(policy(without).find(({ Sid }) => Sid === 'DenyPutElsewhere')?.NotResource).not.toContain(OBJECTS);
    expect(JSON.stringify(testVault({ tombstones: {}, accessLog: {} }).template().toJSON())).not.toMatch(
      /LOG_RETENTION/,
    );
  });
});
