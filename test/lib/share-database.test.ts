import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { ShareDatabase, type ShareDatabaseProps } from '../../lib/share-database';
import { StorageKey } from '../../lib/storage-key';
import { STACK_SUFFIX, plain } from '../../local/audit/plain';
import { valuesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

function database(props: Partial<ShareDatabaseProps> = {}) {
  const stack = testStack();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const storageKey = new StorageKey(stack, 'StorageKey', { environment: 'prod' });
  const made = new ShareDatabase(stack, 'Database', {
    environment: 'prod',
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    storageKey,
    ...props,
  });
  return { stack, made, template: () => Template.fromStack(stack) };
}

/** The UUID's first two groups: its last one is the same for many stacks. */
const NAME = `share-vault-prod-${STACK_SUFFIX}`;
const STORAGE_KEY = { 'Fn::GetAtt': [Match.stringLikeRegexp('^StorageKey'), 'Arn'] };

describe('a share database', () => {
  test('is encrypted under the storage key, its master secret too', () => {
    database()
      .template()
      .hasResourceProperties('AWS::RDS::DBCluster', {
        StorageEncrypted: true,
        KmsKeyId: STORAGE_KEY,
        ManageMasterUserPassword: true,
        MasterUserSecret: { KmsKeyId: STORAGE_KEY },
        MasterUserPassword: Match.absent(),
      });
  });

  test('is Aurora PostgreSQL 17.9 with logins by IAM, on a port and with a master of its own', () => {
    database().template().hasResourceProperties('AWS::RDS::DBCluster', {
      Engine: 'aurora-postgresql',
      EngineVersion: '17.9',
      EnableIAMDatabaseAuthentication: true,
      Port: 5433,
      MasterUsername: 'vault_master',
      DatabaseName: 'vault',
    });
  });

  test('is backed up for 35 days, by Aurora and by AWS Backup, and tags its snapshots', () => {
    const template = database().template();

    template.hasResourceProperties('AWS::RDS::DBCluster', { BackupRetentionPeriod: 35, CopyTagsToSnapshot: true });
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          // RDS refuses a changed retention together with AWS Backup's continuous mode, and Aurora's own backup is
          // continuous
          Match.objectLike({ EnableContinuousBackup: Match.absent(), Lifecycle: { DeleteAfterDays: 35 } }),
        ],
      },
    });
    template.hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: STORAGE_KEY });
  });

  test('is protected from deletion and kept when its stack goes', () => {
    const template = database().template();

    template.hasResource('AWS::RDS::DBCluster', {
      Properties: { DeletionProtection: true },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    template.hasResource('AWS::RDS::DBInstance', { DeletionPolicy: 'RetainExceptOnCreate' });
  });

  test.each([RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])(
    'keeps its writer with %s, and deletes readers that leave the stack: they hold no data of their own',
    (removalPolicy) => {
      const instances = database({ readers: 2, removalPolicy }).template().findResources('AWS::RDS::DBInstance');
      const policies = Object.entries(instances).map(([id, instance]) => {
        const { DeletionPolicy, UpdateReplacePolicy } = instance as Readonly<Record<string, unknown>>;
        return [id.includes('Writer'), String(DeletionPolicy).startsWith('Retain'), UpdateReplacePolicy];
      });

      expect(policies).toEqual([
        [true, true, 'Retain'],
        [false, false, 'Delete'],
        [false, false, 'Delete'],
      ]);
    },
  );

  test('is deleted with its stack under DESTROY, and with a backup vault that stays empty, so that it can be deleted', () => {
    const template = database({ removalPolicy: RemovalPolicy.DESTROY }).template();

    template.hasResource('AWS::RDS::DBCluster', {
      Properties: { DeletionProtection: false },
      DeletionPolicy: 'Delete',
    });
    template.hasResource('AWS::Backup::BackupVault', { DeletionPolicy: 'Delete' });
    template.resourceCountIs('AWS::Backup::BackupPlan', 0);
  });

  test.each([true, false])('has the same backup vault with a backup plan (%s) and without', (backupPlan) => {
    const { made, template } = database({ backupPlan });

    // a backup vault that was retained after its plan would conflict with the next plan
    expect(Object.keys(template().findResources('AWS::Backup::BackupVault'))).toEqual(['DatabaseBackupVault21F39AF5']);
    expect(made.backupVaultName === undefined).toBe(!backupPlan);
    template().resourceCountIs('AWS::Backup::BackupSelection', backupPlan ? 1 : 0);
  });

  test('has the given name, or one with digits of the id of its stack, which no retained one has', () => {
    const names = (props: Partial<ShareDatabaseProps>) =>
      plain(valuesOf(database(props).template(), 'AWS::RDS::DBCluster', 'DBClusterIdentifier'));

    expect(names({})).toEqual([NAME]);
    expect(names({ clusterIdentifier: 'payments-vault' })).toEqual(['payments-vault']);
  });

  test('has instances that are unreachable from outside and take minor upgrades', () => {
    const template = database({ readers: 1 }).template();

    // scaled with the writer, so that it can take over at once
    expect(valuesOf(template, 'AWS::RDS::DBInstance', 'PromotionTier')).toEqual([0, 1]);
    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    template.allResourcesProperties('AWS::RDS::DBInstance', {
      PubliclyAccessible: false,
      AutoMinorVersionUpgrade: true,
      DBInstanceClass: 'db.serverless',
    });
  });

  test('accepts no connection without TLS, audits, and keeps bound values out of its log', () => {
    database()
      .template()
      .hasResourceProperties('AWS::RDS::DBClusterParameterGroup', {
        Family: 'aurora-postgresql17',
        Parameters: {
          'rds.force_ssl': '1',
          ssl_min_protocol_version: 'TLSv1.2',
          shared_preload_libraries: 'pg_stat_statements,pgaudit',
          'pgaudit.role': 'rds_pgaudit',
          'pgaudit.log': 'ddl,role,write',
          'pgaudit.log_parameter': '0',
          log_connections: '1',
          log_disconnections: '1',
          log_statement: 'none',
          log_min_duration_statement: '-1',
          log_parameter_max_length: '0',
          log_parameter_max_length_on_error: '0',
        },
      });
  });

  test('has a log with key and retention, created before the cluster', () => {
    const template = database().template();
    const [logGroup = ''] = Object.keys(
      template.findResources('AWS::Logs::LogGroup', {
        Properties: {
          LogGroupName: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['/aws/rds/cluster/share-vault-prod-'])] }),
          KmsKeyId: STORAGE_KEY,
          RetentionInDays: 365,
        },
      }),
    );

    template.hasResource('AWS::RDS::DBCluster', {
      Properties: { EnableCloudwatchLogsExports: ['postgresql'] },
      DependsOn: Match.arrayWith([logGroup]),
    });
  });

  test('lets no traffic in or out by itself', () => {
    const template = database().template();

    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'share vault prod: database',
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
    });
  });

  test('lets a grantee log in only as one user', () => {
    const { stack, made, template } = database();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

    made.grantConnect(role, 'vault_sealer');

    expect(statementsOf(template(), 'AWS::IAM::Policy')).toEqual([
      {
        Sid: `AllowLoginAsVaultSealer${made.generation}`,
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource:
          'arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${DatabaseCluster.DBClusterResourceId}/vault_sealer',
      },
    ]);
  });

  test('pauses only if its minimum is 0', () => {
    const scaling = (minCapacity: number): Template => database({ minCapacity }).template();

    scaling(0).hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 600 },
    });
    scaling(0.5).hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, SecondsUntilAutoPause: Match.absent() },
    });
  });

  test('reports the days for which a backup keeps deleted data', () => {
    expect(database({ backupRetention: Duration.days(7) }).made.backupDays).toBe(7);
  });

  test.each([
    [
      'a minimum over its maximum',
      { minCapacity: 8, maxCapacity: 4 },
      'maxCapacity: expected at least minCapacity 8, got 4',
    ],
    [
      'a minimum that is no half',
      { minCapacity: 0.7 },
      'minCapacity: expected 0 to 256 capacity units in steps of 0.5, got 0.7',
    ],
    [
      'a maximum of 0',
      { minCapacity: 0, maxCapacity: 0 },
      'maxCapacity: expected 1 to 256 capacity units in steps of 0.5, got 0',
    ],
    ['sixteen readers', { readers: 16 }, 'readers: expected a whole number from 0 to 15, got 16'],
    [
      'backups kept for 36 days',
      { backupRetention: Duration.days(36) },
      'backupRetention: expected 1 to 35 whole days, got 36',
    ],
    [
      'a clusterIdentifier that RDS would store in another spelling',
      { clusterIdentifier: 'Wallets-Prod' },
      'clusterIdentifier: expected "wallets-prod", the spelling that RDS stores, got "Wallets-Prod"',
    ],
    [
      'a version whose roles are granted without options',
      { engineVersion: rds.AuroraPostgresEngineVersion.of('15.10', '15') },
      'engineVersion: expected 16 or later, got "15.10"',
    ],
    [
      'a version that does not pause, for a database that pauses',
      { minCapacity: 0, engineVersion: rds.AuroraPostgresEngineVersion.of('16.2', '16') },
      'engineVersion: expected 16.3 or later to pause, got "16.2"',
    ],
    [
      'a pause for a database that never pauses',
      { minCapacity: 0.5, autoPauseAfter: Duration.minutes(10) },
      'autoPauseAfter: expected none unless minCapacity is 0: other databases never pause',
    ],
    ['a port that RDS refuses', { port: 80 }, 'port: expected a whole number from 1150 to 65535, got 80'],
    [
      'a snapshot at deletion',
      { removalPolicy: RemovalPolicy.SNAPSHOT },
      'removalPolicy: expected RETAIN_ON_UPDATE_OR_DELETE',
    ],
  ])('refuses %s', (_what, props, message) => {
    expect(() => database(props)).toThrow(message);
  });
});
