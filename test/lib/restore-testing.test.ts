import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestoreTesting } from '../../lib/restore-testing';
import { STACK_SUFFIX, plain } from '../../local/audit/plain';
import { matchesPattern } from '../support/event-match';
import { propertiesOf } from '../support/resources';
import { actionsOf, statementsOf } from '../support/statements';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

const { stack, vault } = testVault();
new RestoreTesting(stack, 'Restores', { vault, validationWindow: Duration.hours(8) });
const template = Template.fromStack(stack);

const only = (type: string, prefix = 'Restores') => {
  const found = [...propertiesOf(template, type, prefix).values()];
  expect(found).toHaveLength(1);
  return plain(found[0]) as Readonly<Record<string, unknown>>;
};

describe('restore testing', () => {
  test('restores the newest daily backup of the vault once a week', () => {
    expect(only('AWS::Backup::RestoreTestingPlan')).toMatchObject({
      RestoreTestingPlanName: `share_vault_staging_${STACK_SUFFIX}`,
      ScheduleExpression: 'cron(0 12 ? * SUN *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        RecoveryPointTypes: ['SNAPSHOT'],
        IncludeVaults: [
          'arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:backup-vault:${VaultDatabaseBackupVault.BackupVaultName}',
        ],
      },
    });
  });

  test('restores only the database of the vault, into its own subnets, group and parameters', () => {
    expect(only('AWS::Backup::RestoreTestingSelection')).toMatchObject({
      ProtectedResourceType: 'Aurora',
      ProtectedResourceArns: [
        'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:${VaultDatabaseCluster}',
      ],
      ValidationWindowHours: 8,
      IamRoleArn: '${RestoresRole.Arn}',
      RestoreMetadataOverrides: {
        dbSubnetGroupName: '${VaultDatabaseClusterSubnets}',
        dbClusterParameterGroupName: '${VaultDatabaseParameters}',
        vpcSecurityGroupIds: '["${VaultDatabaseGroup.GroupId}"]',
      },
    });
  });

  test('has a role that only AWS Backup may assume, and that changes no other cluster than a restored one', () => {
    const statements = statementsOf(template, 'AWS::IAM::Policy', 'RestoresRole');
    const changing = statements.filter((each) => actionsOf(each).some((action) => /^rds:(?!Describe)/.test(action)));
    const clusters = changing.flatMap(({ Resource }) => [Resource].flat()).filter((arn) => String(arn).includes(':cluster:')); // prettier-ignore

    expect(only('AWS::IAM::Role')).toMatchObject({
      Path: '/share-vault/',
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'backup.amazonaws.com' } }] },
    });
    expect(only('AWS::IAM::Role')).not.toHaveProperty('ManagedPolicyArns');
    expect(changing.flatMap(actionsOf).sort()).toEqual(['rds:AddTagsToResource', 'rds:RestoreDBClusterFromSnapshot']);
    expect(clusters).toHaveLength(2);
    expect(clusters.every((arn) => String(arn).endsWith(':cluster:awsbackup-restore-test-*'))).toBe(true);
  });

  test('has a role that uses the storage key through RDS only', () => {
    const [key, ...others] = statementsOf(template, 'AWS::IAM::Policy', 'RestoresRole').filter((each) =>
      actionsOf(each).some((action) => action.startsWith('kms:')),
    );

    expect(others).toEqual([]);
    expect(key).toMatchObject({
      Resource: '${VaultStorageKey.Arn}',
      Condition: { StringEquals: { 'kms:ViaService': expect.stringMatching(/^rds\./) } },
    });
  });

  test.each([
    ['FAILED', true],
    ['ABORTED', true],
    ['COMPLETED', false],
    ['RUNNING', false],
  ])('reports a restore job that is %s: %s', (status, isReported) => {
    const event = { source: 'aws.backup', 'detail-type': 'Restore Job State Change', detail: { status } };
    const rule = only('AWS::Events::Rule');

    expect(matchesPattern(rule.EventPattern, event)).toBe(isReported);
    expect(rule).toMatchObject({ Name: 'share-vault-staging-RestoreJobs', Targets: [{ Arn: expect.stringContaining('AlarmTopic') }] }); // prettier-ignore
  });

  test('is refused without a backup plan', () => {
    const without = testVault({ backupPlan: false });

    expect(() => new RestoreTesting(without.stack, 'Restores', { vault: without.vault })).toThrow(
      'vault: expected one with a backupPlan, got none',
    );
  });

  test('is refused in another stack', () => {
    const other = testStack();

    expect(() => new RestoreTesting(other, 'Restores', { vault })).toThrow(
      'vault: expected one of the same stack, got another stack',
    );
  });
});
