import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import { Egress } from '../../lib/egress';
import { CANARY_CONTEXT } from '../../lambda/contract/canary-context';
import { CONTEXT_NAMES } from '../../lambda/contract/kinds';
import { ENV } from '../../lambda/contract/variables';
import { restoredCopyRule } from '../../lib/private/storage-rules';
import { STACK_SUFFIX, plain } from '../../local/audit/plain';
import { secretsManagerBodies } from '../support/body-stores';
import { matchesPattern } from '../support/event-match';
import { jwtKey } from '../support/external-keys';
import { propertiesOf } from '../support/resources';
import { actionsOf, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

const PLACE = '${AWS::Region}:${AWS::AccountId}';
const RESTORED = 'awsbackup-restore-test-*';
const ALIAS = `arn:\${AWS::Partition}:lambda:${PLACE}:function:share-vault-staging-restore-check:check`;

const { template: templateOf } = testVault({ restoreTesting: { validationWindow: Duration.hours(8) } });
const template = templateOf();

const only = (type: string, prefix = 'VaultRestoreTesting') => {
  const found = [...propertiesOf(template, type, prefix).values()];
  expect(found).toHaveLength(1);
  return plain(found[0]) as Readonly<Record<string, unknown>>;
};

describe('restore testing', () => {
  test('is off by default', () => {
    const without = testVault();

    expect(without.vault.restoreTesting).toBeUndefined();
    without.template().resourceCountIs('AWS::Backup::RestoreTestingPlan', 0);
  });

  test('restores the newest daily backup of the vault once a week', () => {
    expect(only('AWS::Backup::RestoreTestingPlan')).toMatchObject({
      RestoreTestingPlanName: `share_vault_staging_${STACK_SUFFIX}_test`,
      ScheduleExpression: 'cron(0 12 ? * SUN *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        RecoveryPointTypes: ['SNAPSHOT'],
        IncludeVaults: [
          `arn:\${AWS::Partition}:backup:${PLACE}:backup-vault:\${VaultDatabaseBackupVault.BackupVaultName}`,
        ],
      },
    });
  });

  test('takes no name of the earlier construct, which a deploy deletes only after it created these', () => {
    expect(JSON.stringify(plain(template.toJSON()))).not.toMatch(
      /"share-vault-staging-RestoreJobs|"share_vault_staging_[^"]*(?<!_test)"/,
    );
  });

  test('restores at another time, if a schedule is given', () => {
    const schedule = events.Schedule.cron({ weekDay: 'MON', hour: '7', minute: '30' });

    testVault({ restoreTesting: { schedule } })
      .template()
      .hasResourceProperties('AWS::Backup::RestoreTestingPlan', { ScheduleExpression: 'cron(30 7 ? * MON *)' });
  });

  test('restores only the database of the vault, into its own subnets, group and parameters', () => {
    expect(only('AWS::Backup::RestoreTestingSelection')).toMatchObject({
      ProtectedResourceType: 'Aurora',
      ProtectedResourceArns: [`arn:\${AWS::Partition}:rds:${PLACE}:cluster:\${VaultDatabaseCluster}`],
      ValidationWindowHours: 8,
      IamRoleArn: '${VaultRestoreTestingRole.Arn}',
      RestoreMetadataOverrides: {
        dbSubnetGroupName: '${VaultDatabaseClusterSubnets}',
        dbClusterParameterGroupName: '${VaultDatabaseParameters}',
        vpcSecurityGroupIds: '["${VaultDatabaseGroup.GroupId}"]',
      },
    });
  });

  test('starts its state machine after restores of its own plan only', () => {
    const rule = plain(propertiesOf(template, 'AWS::Events::Rule', 'VaultRestoreTestingRestored').values().next().value) as Readonly<Record<string, unknown>>; // prettier-ignore
    const event = (plan: string, status = 'COMPLETED') => ({
      source: 'aws.backup',
      'detail-type': 'Restore Job State Change',
      detail: { restoreJobId: 'JOB', status, restoreTestingPlanArn: plan },
    });
    const own = '${VaultRestoreTestingPlan.RestoreTestingPlanArn}';

    expect(matchesPattern(rule.EventPattern, event(own))).toBe(true);
    expect(matchesPattern(rule.EventPattern, event(own, 'RUNNING'))).toBe(false);
    expect(matchesPattern(rule.EventPattern, event('another plan'))).toBe(false);
    expect(rule.Targets).toEqual([
      expect.objectContaining({ Arn: expect.stringContaining(':stateMachine:share-vault-staging-restore-test') }),
    ]);
  });

  test('renews the canary every day, an hour before the backup', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(0 4 * * ? *)',
      Targets: [Match.objectLike({ Input: '{"action":"keep"}', RetryPolicy: { MaximumRetryAttempts: 0 } })],
    });
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: { BackupPlanRule: [Match.objectLike({ ScheduleExpression: 'cron(0 5 * * ? *)' })] },
    });
  });

  test('lets only that rule invoke the function by a policy of the function', () => {
    const permissions = [...propertiesOf(template, 'AWS::Lambda::Permission').values()]
      .map((each) => plain(each) as Readonly<Record<string, unknown>>)
      .filter(({ FunctionName }) => String(FunctionName).includes('restore-check'));

    expect(permissions).toEqual([
      expect.objectContaining({
        FunctionName: ALIAS,
        Principal: 'events.amazonaws.com',
        SourceArn: '${VaultRestoreTestingCanary.Arn}',
      }),
    ]);
  });

  test('gives the function the share key and a user of the database, and no other key', () => {
    const [fn] = [...propertiesOf(template, 'AWS::Lambda::Function').values()].filter(
      ({ FunctionName }) => FunctionName === 'share-vault-staging-restore-check',
    );

    expect(fn?.Environment).toMatchObject({
      Variables: { [ENV.dbUser]: 'vault_restore_checker', [ENV.shareKeyArn]: expect.anything() },
    });
    expect(JSON.stringify(fn?.Environment)).not.toMatch(/INTAKE|OPENING|RECOVERY/);
  });
});

describe('the rights of restore testing', () => {
  const of = (role: string, type = 'AWS::IAM::ManagedPolicy') => statementsOf(template, type, role);

  test('let AWS Backup restore no other cluster than one of a test', () => {
    const statements = of('VaultRestoreTestingRole');
    const changing = statements.filter((each) => actionsOf(each).some((action) => /^rds:(?!Describe)/.test(action)));
    const clusters = changing.flatMap(({ Resource }) => [Resource].flat()).filter((arn) => String(arn).includes(':cluster:')); // prettier-ignore

    expect(only('AWS::IAM::Role', 'VaultRestoreTestingRole')).toMatchObject({
      Path: '/share-vault/',
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'backup.amazonaws.com' } }] },
    });
    expect(changing.flatMap(actionsOf).sort()).toEqual(['rds:AddTagsToResource', 'rds:RestoreDBClusterFromSnapshot']);
    expect(clusters).toHaveLength(2);
    expect(clusters.every((arn) => String(arn).endsWith(`:cluster:${RESTORED}`))).toBe(true);
  });

  test('let the state machine change clusters and instances of tests only', () => {
    const statements = of('VaultRestoreTestingMachineRole').filter((each) =>
      actionsOf(each).some((action) => action.startsWith('rds:')),
    );
    const named = statements
      .flatMap(({ Resource }) => [Resource].flat())
      .map((arn) => String(arn).replace(/^.*?AccountId}:/, ''));

    expect(statements.flatMap(actionsOf).sort()).toEqual([
      ...['rds:CreateDBInstance', 'rds:DeleteDBInstance', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
      'rds:ModifyDBCluster',
    ]);
    expect([...new Set(named)].sort()).toEqual([
      ...[`cluster:${RESTORED}`, `db:${RESTORED}`, 'og:default:*', 'pg:default.*'],
      'subgrp:${VaultDatabaseClusterSubnets}',
    ]);
  });

  test('let the state machine invoke one alias, and Step Functions assume its role for this machine only', () => {
    const invoking = of('VaultRestoreTestingMachineRole').filter((each) =>
      actionsOf(each).some((action) => action.startsWith('lambda:')),
    );

    expect(invoking).toMatchObject([{ Action: 'lambda:InvokeFunction', Resource: ALIAS }]);
    expect(only('AWS::IAM::Role', 'VaultRestoreTestingMachineRole')).toMatchObject({
      Path: '/share-vault/restore-test/',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'states.amazonaws.com' },
            Condition: {
              ArnEquals: {
                'aws:SourceArn': `arn:\${AWS::Partition}:states:${PLACE}:stateMachine:share-vault-staging-restore-test`,
              },
            },
          },
        ],
      },
    });
  });

  test('let the function log in to restored clusters as its own user only', () => {
    const logins = of('VaultRestoreTestingFunctionRole').filter((each) => actionsOf(each).includes('rds-db:connect'));

    expect(logins.flatMap(({ Resource }) => [Resource].flat().map((arn) => String(arn).split('/').pop()))).toEqual([
      'vault_restore_checker',
      'vault_restore_checker',
    ]);
  });

  test('let the function use the share key for canaries only, whose context no record has', () => {
    const key = of('VaultKeysShareKey', 'AWS::KMS::Key');
    const [statement] = key.filter(({ Sid }) => Sid === 'AllowRestoreCheck');
    const others = key.filter(({ Sid }) => ['AllowSeal', 'AllowUnseal', 'AllowReseal'].includes(String(Sid)));

    expect(statement).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Principal: { AWS: '${VaultRestoreTestingFunctionRole.Arn}' },
      Condition: {
        StringEquals: {
          'kms:EncryptionContext:environment': 'staging',
          'kms:EncryptionContext:kind': CANARY_CONTEXT.kind,
          'aws:SourceVpc': expect.anything(),
        },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': [...CANARY_CONTEXT.names] },
        Null: Object.fromEntries(CANARY_CONTEXT.names.map((name) => [`kms:EncryptionContext:${name}`, 'false'])),
      },
    });
    expect(CONTEXT_NAMES).not.toContain('kind');
    expect(others).toHaveLength(3);
    expect(JSON.stringify(others)).not.toContain('RestoreTesting');
  });
});

describe('the alarms of restore testing', () => {
  test.each([
    ['FAILED', true],
    ['ABORTED', true],
    ['COMPLETED', false],
    ['RUNNING', false],
  ])('report a restore job that is %s: %s', (status, isReported) => {
    const event = { source: 'aws.backup', 'detail-type': 'Restore Job State Change', detail: { status } };
    const [rule] = [...propertiesOf(template, 'AWS::Events::Rule').values()].filter(
      ({ Name }) => Name === 'share-vault-staging-RestoreFailures',
    );

    expect(matchesPattern(plain(rule?.EventPattern), event)).toBe(isReported);
  });

  test('fire after a test that failed, timed out or was stopped, and on the ninth day without a proven one', () => {
    for (const name of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: Match.stringLikeRegexp('^share-vault-staging-restore-'),
        MetricName: name,
        Threshold: 1,
      });
    }
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-restore-Unproven',
      MetricName: 'DaysSinceRestoreTest',
      Threshold: 9,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  test('fire if the function did not succeed for two days: the alarm on proven backups would keep its state', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-restore-check-Missed',
      MetricName: 'Answered',
      Dimensions: [
        { Name: 'environment', Value: 'staging' },
        { Name: 'function', Value: 'restore-check' },
      ],
      Period: 86_400,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('report changes of copies by others than the machine and AWS Backup', () => {
    const deleter = 'role/aws-service-role/restore-testing.backup.amazonaws.com/AWSServiceRoleForBackupRestoreTesting';
    const [rule] = propertiesOf(template, 'AWS::Events::Rule', 'VaultWatchChangesRestoredCopyChanges').values();

    expect(plain(rule?.EventPattern)).toEqual({
      source: ['aws.rds'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: restoredCopyRule([
        '${VaultRestoreTestingMachineRole.Arn}',
        `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${deleter}`,
      ]).detail,
    });
  });

  test('report changes of the state machine', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      Name: 'share-vault-staging-RestoreTestChanges',
      EventPattern: { detail: { requestParameters: { stateMachineArn: Match.anyValue() } } },
    });
  });
});

describe('restore testing is refused', () => {
  test('without a backup plan', () => {
    expect(() => testVault({ backupPlan: false, restoreTesting: {} })).toThrow(
      'restoreTesting: expected a backupPlan together with it, got none',
    );
  });

  test('together with a body store', () => {
    expect(() => testVault({ bodyStore: secretsManagerBodies(), restoreTesting: {} })).toThrow(
      'restoreTesting: expected none together with bodyStore, got both',
    );
  });

  test('without a share key in AWS KMS', () => {
    expect(() => testVault({ shareKey: jwtKey(), egress: Egress.firewall(), restoreTesting: {} })).toThrow(
      'restoreTesting: expected a share key in AWS KMS, got an ExternalKey',
    );
  });

  test('with a rate as its schedule, which AWS Backup does not accept', () => {
    expect(() => testVault({ restoreTesting: { schedule: events.Schedule.rate(Duration.days(7)) } })).toThrow(
      'schedule: expected a cron expression, got "rate(7 days)"',
    );
  });
});
