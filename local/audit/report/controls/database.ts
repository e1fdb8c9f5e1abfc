import { is } from '../../checks/finding';
import { controlsOf, property } from './control';

const CLUSTER = 'AWS::RDS::DBCluster';
const INSTANCE = 'AWS::RDS::DBInstance';
const PARAMETERS = 'AWS::RDS::DBClusterParameterGroup';
const SUBNETS = 'AWS::RDS::DBSubnetGroup';
const CLUSTER_STATE = 'aws rds describe-db-clusters --db-cluster-identifier CLUSTER';
const other = (...names: readonly string[]) => ({
  expected: `none of ${names.join(', ')}`,
  holds: (value: unknown) => typeof value === 'string' && !names.includes(value),
});
const present = { expected: 'a value', holds: (value: unknown) => value !== undefined };

export const DATABASE_CONTROLS = controlsOf('database', [
  {
    id: 'database-encryption',
    title: "The database is encrypted at rest under the vault's own key",
    standards: { hub: ['RDS.27'], cis: ['2.2.1'], nag: ['AwsSolutions-RDS2'] },
    looks: [property(CLUSTER, 'StorageEncrypted', is(true)), property(CLUSTER, 'KmsKeyId', present)],
    checks: ['storageIsEncrypted'],
    beyond: 'Snapshots that somebody copied under another key.',
    confirm: `${CLUSTER_STATE}; aws rds describe-db-cluster-snapshots`,
  },
  {
    id: 'database-tls',
    title: 'Connections to the database use TLS; the functions insist on TLS 1.3',
    standards: {},
    looks: [
      property(PARAMETERS, 'Parameters.rds.force_ssl', { expected: '1', holds: (value) => String(value) === '1' }),
      property(PARAMETERS, 'Parameters.ssl_min_protocol_version', present),
    ],
    checks: ['parametersHaveReviewedValues', 'parametersAreKnown', 'parametersFitTheEngine'],
    beyond: 'The version that a connection negotiated. The functions refuse less than TLS 1.3, and verify certificate and name: their code shows that, no template.', // prettier-ignore
    confirm: 'SELECT version, cipher FROM pg_stat_ssl, as the master; share-vault doctor',
  },
  {
    id: 'database-private',
    title: 'The database has no public address and no default port',
    standards: { hub: ['RDS.2', 'RDS.23'], cis: ['2.2.3'], nag: ['AwsSolutions-RDS11'] },
    looks: [
      property(INSTANCE, 'PubliclyAccessible', is(false)),
      property(CLUSTER, 'Port', { expected: 'another port than 5432', holds: (value) => value !== undefined && Number(value) !== 5432 }), // prettier-ignore
    ],
    checks: ['databaseIsPrivate', 'portIsNotDefault'],
    beyond: 'Routes and peerings of a network that other stacks change.',
    confirm: 'aws rds describe-db-instances (PubliclyAccessible, Endpoint)',
  },
  {
    id: 'database-login',
    title: 'Functions log in with IAM tokens, each as its own user; the master has no default name',
    standards: { hub: ['RDS.12', 'RDS.24'], nag: ['AwsSolutions-RDS6'] },
    looks: [
      property(CLUSTER, 'EnableIAMDatabaseAuthentication', is(true)),
      property(CLUSTER, 'MasterUsername', other('postgres', 'admin')),
      property('AWS::Lambda::Function', 'Environment.Variables.SHARE_VAULT_DB_USER', undefined, ({ properties }) =>
        JSON.stringify(properties).includes('SHARE_VAULT_DB_USER'),
      ),
    ],
    checks: ['iamAuthenticationIsEnabled', 'masterUsernameIsNotDefault', 'functionsLogInAsTheirUser'],
    beyond: "The database's own roles and rights: migrations make them, tests compare them.",
    confirm: 'share-vault doctor (database); \\du and \\ddp as the master',
  },
  {
    id: 'database-master-secret',
    title: "RDS keeps and rotates the master's password, under the vault's own key",
    standards: { hub: ['SecretsManager.1', 'SecretsManager.4'], nag: ['AwsSolutions-SMG4'] },
    looks: [
      property(CLUSTER, 'ManageMasterUserPassword', is(true)),
      property(CLUSTER, 'MasterUserSecret.KmsKeyId', present),
    ],
    checks: ['masterSecretIsManaged'],
    beyond: 'The date of the last rotation.',
    confirm: 'aws secretsmanager describe-secret --secret-id ARN (LastRotatedDate)',
  },
  {
    id: 'database-deletion',
    title: 'The database resists deletion',
    standards: { hub: ['RDS.7'], nag: ['AwsSolutions-RDS10'] },
    looks: [property(CLUSTER, 'DeletionProtection', is(true))],
    checks: ['databaseResistsDeletion'],
    beyond: 'Whether somebody lifted the protection since.',
    confirm: CLUSTER_STATE,
  },
  {
    id: 'database-upgrades',
    title: 'Minor versions of the database are installed automatically',
    standards: { hub: ['RDS.13', 'RDS.35'], cis: ['2.2.2'] },
    looks: [property(CLUSTER, 'AutoMinorVersionUpgrade', is(true)), property(INSTANCE, 'AutoMinorVersionUpgrade', is(true))], // prettier-ignore
    checks: ['minorVersionsAreInstalled'],
    beyond: 'The version that runs now.',
    confirm: `${CLUSTER_STATE} (EngineVersion)`,
  },
  {
    id: 'database-zones',
    title: 'The database spans two zones',
    standards: { hub: ['RDS.15'], cis: ['2.2.4'] },
    looks: [property(SUBNETS, 'SubnetIds'), property(INSTANCE, 'DBClusterIdentifier')],
    checks: ['databaseSpansZones', 'databaseStaysAwake'],
    beyond: 'The zones in which the instances run. Outside `prod` one instance is a choice of cost.',
    confirm: `${CLUSTER_STATE} (MultiAZ, DBClusterMembers)`,
  },
  {
    id: 'database-log',
    title: 'The database exports its log, in which no parameter of a statement is',
    standards: { hub: ['RDS.37'] },
    looks: [
      property(CLUSTER, 'EnableCloudwatchLogsExports', is(['postgresql'])),
      property(PARAMETERS, 'Parameters.log_statement'),
      property(PARAMETERS, 'Parameters.log_parameter_max_length_on_error'),
    ],
    checks: ['databaseExportsItsLog'],
    beyond: 'What the log contains: tests search it for materials.',
    confirm: 'aws logs tail /aws/rds/cluster/CLUSTER/postgresql',
  },
  {
    id: 'database-backups',
    title: 'Backups are kept for 35 days, carry tags, and are encrypted under the own key',
    standards: { hub: ['RDS.26', 'RDS.16', 'Backup.1'] },
    looks: [
      property(CLUSTER, 'BackupRetentionPeriod', is(35)),
      property(CLUSTER, 'CopyTagsToSnapshot', is(true)),
      property('AWS::Backup::BackupVault', 'EncryptionKeyArn'),
      property('AWS::Backup::BackupSelection', 'BackupSelection.Resources'),
    ],
    checks: ['databaseKeepsBackups', 'snapshotsCarryTags', 'backupPlanIncludesCluster'],
    beyond: 'That backups succeed and can be restored; the account has to opt in to Aurora for AWS Backup.',
    confirm: 'aws backup list-recovery-points-by-resource; docs/incidents/restore-drill.md',
  },
]);
