import { all, drop, remove, set } from '../../../support/mutate';
import type { Defect } from './defect';

const CLUSTER = 'VaultDatabaseCluster';
const WRITER = 'VaultDatabaseClusterWriter';
const GROUP = 'VaultDatabaseParameters';
const PARAMETERS = ['Properties', 'Parameters'] as const;

const cluster = (property: string, value: unknown) => set(CLUSTER, ['Properties', property], value);

/** The database, its parameters and its backups. */
export const DATABASE_DEFECTS: readonly Defect[] = [
  {
    defect: 'storage is not encrypted',
    mutation: cluster('StorageEncrypted', false),
    caughtBy: { storageIsEncrypted: [CLUSTER] },
  },
  {
    defect: "storage is under AWS's key",
    mutation: remove(CLUSTER, ['Properties', 'KmsKeyId']),
    caughtBy: { storageIsEncrypted: [CLUSTER] },
  },
  {
    defect: "the master secret is under AWS's key",
    mutation: remove(CLUSTER, ['Properties', 'MasterUserSecret', 'KmsKeyId']),
    caughtBy: { masterSecretIsManaged: [CLUSTER] },
  },
  {
    defect: 'the master password stands in the template',
    mutation: cluster('MasterUserPassword', 'a word'),
    caughtBy: { masterSecretIsManaged: [CLUSTER] },
  },
  {
    defect: 'the master is called postgres',
    mutation: cluster('MasterUsername', 'postgres'),
    caughtBy: { masterUsernameIsNotDefault: [CLUSTER] },
  },
  {
    defect: 'the database may be deleted',
    mutation: cluster('DeletionProtection', false),
    caughtBy: { databaseResistsDeletion: [CLUSTER] },
  },
  {
    defect: 'the database goes with its stack',
    mutation: set(CLUSTER, ['DeletionPolicy'], 'Delete'),
    caughtBy: { stateIsRetained: [CLUSTER] },
  },
  {
    defect: 'the database leaves a snapshot where it is replaced',
    mutation: set(CLUSTER, ['UpdateReplacePolicy'], 'Snapshot'),
    caughtBy: { replacedStateIsRetained: [CLUSTER] },
  },
  {
    defect: 'an instance is public',
    mutation: set(WRITER, ['Properties', 'PubliclyAccessible'], true),
    caughtBy: { databaseIsPrivate: [WRITER] },
  },
  {
    defect: 'an instance does not say that it is private',
    mutation: remove(WRITER, ['Properties', 'PubliclyAccessible']),
    caughtBy: { databaseIsPrivate: [WRITER] },
  },
  {
    defect: 'logins take passwords alone',
    mutation: cluster('EnableIAMDatabaseAuthentication', false),
    caughtBy: { iamAuthenticationIsEnabled: [CLUSTER] },
  },
  {
    defect: 'the port is the usual one',
    mutation: remove(CLUSTER, ['Properties', 'Port']),
    caughtBy: { portIsNotDefault: [CLUSTER] },
  },
  {
    defect: 'an instance misses security fixes',
    mutation: set(WRITER, ['Properties', 'AutoMinorVersionUpgrade'], false),
    caughtBy: { minorVersionsAreInstalled: [WRITER] },
  },
  {
    defect: 'snapshots lose their tags',
    mutation: cluster('CopyTagsToSnapshot', false),
    caughtBy: { snapshotsCarryTags: [CLUSTER] },
  },
  {
    defect: "the database's log stays in the database",
    mutation: cluster('EnableCloudwatchLogsExports', []),
    caughtBy: { databaseExportsItsLog: [CLUSTER] },
  },
  {
    defect: 'prod has no reader',
    mutation: drop('VaultDatabaseClusterReader1'),
    caughtBy: { databaseSpansZones: [CLUSTER] },
  },
  {
    defect: 'prod pauses',
    mutation: cluster('ServerlessV2ScalingConfiguration', { MinCapacity: 0, MaxCapacity: 4 }),
    caughtBy: { databaseStaysAwake: [CLUSTER] },
  },
  {
    defect: 'connections do without TLS',
    mutation: set(GROUP, [...PARAMETERS, 'rds.force_ssl'], '0'),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'TLS is left to the engine',
    mutation: remove(GROUP, [...PARAMETERS, 'rds.force_ssl']),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'an old TLS will do',
    mutation: set(GROUP, [...PARAMETERS, 'ssl_min_protocol_version'], 'TLSv1'),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'a parameter that RDS does not know is set',
    mutation: set(GROUP, [...PARAMETERS, 'rds.forcessl'], '1'),
    caughtBy: { parametersAreKnown: [GROUP] },
  },
  {
    defect: "a parameter's name is mistyped",
    mutation: all(
      remove(GROUP, [...PARAMETERS, 'pgaudit.log_parameter']),
      set(GROUP, [...PARAMETERS, 'pgaudit.log_parameters'], '0'),
    ),
    caughtBy: { parametersAreKnown: [GROUP], parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'the audit writes bound values',
    mutation: set(GROUP, [...PARAMETERS, 'pgaudit.log_parameter'], '1'),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'errors write bound values',
    mutation: set(GROUP, [...PARAMETERS, 'log_parameter_max_length_on_error'], '-1'),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'the audit is not loaded',
    mutation: set(GROUP, [...PARAMETERS, 'shared_preload_libraries'], 'pg_stat_statements'),
    caughtBy: { parametersHaveReviewedValues: [GROUP] },
  },
  {
    defect: 'the parameters are of another family',
    mutation: set(GROUP, ['Properties', 'Family'], 'aurora-postgresql16'),
    caughtBy: { parametersFitTheEngine: [CLUSTER] },
  },
  {
    defect: 'the engine moves on without its parameters',
    mutation: cluster('EngineVersion', '18.1'),
    caughtBy: { parametersFitTheEngine: [CLUSTER] },
  },
  {
    defect: 'the cluster takes the default parameters',
    mutation: remove(CLUSTER, ['Properties', 'DBClusterParameterGroupName']),
    caughtBy: { parametersFitTheEngine: [CLUSTER] },
  },
  {
    defect: 'backups are kept for a day',
    mutation: cluster('BackupRetentionPeriod', 1),
    caughtBy: { databaseKeepsBackups: [CLUSTER] },
  },
  {
    defect: 'the backup plan is gone',
    mutation: drop('VaultDatabaseBackupPlan'),
    caughtBy: { backupPlanIncludesCluster: ['AWS::Backup::BackupPlan'] },
  },
  {
    defect: 'the backup plan forgets the cluster',
    mutation: set('VaultDatabaseBackupPlanSelection', ['Properties', 'BackupSelection', 'Resources'], []),
    caughtBy: { backupPlanIncludesCluster: ['VaultDatabaseBackupPlanSelection'] },
  },
];
