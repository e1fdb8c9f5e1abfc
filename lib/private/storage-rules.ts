import type { ShareDatabase } from '../share-database';
import { RESTORED_PATTERNS } from './restored-names';
import {
  BACKUP_CHANGES,
  BACKUP_PLAN_CHANGES,
  CLUSTER_CHANGES,
  CLUSTER_PART_CHANGES,
  ENDPOINT_CHANGES,
  INSTANCE_CHANGES,
} from './watched-events';
import type { WatchRule } from './watch-rule';

/** Excludes AWS Backup, which creates and copies snapshots every day: only calls by others are reported. */
const NOT_BY_BACKUP = { invokedBy: [{ exists: false }, { 'anything-but': ['backup.amazonaws.com'] }] };

/** Returns the rules that watch the database, its snapshots and its backups. */
export function databaseRules({ cluster, clusterIdentifier, backupVaultName }: ShareDatabase): readonly WatchRule[] {
  // RDS accepts an identifier in any case
  const identifier = [{ 'equals-ignore-case': clusterIdentifier }];
  const instances = cluster.instanceIdentifiers.map((instance) => ({ 'equals-ignore-case': instance }));
  const arn = [{ wildcard: `*:cluster:${clusterIdentifier}` }];
  const copied = [{ wildcard: `*${clusterIdentifier}*` }, { wildcard: '*awsbackup:*' }];
  const by = (eventName: readonly string[], requestParameters: object) => ({
    eventName: [...eventName],
    requestParameters,
  });
  return [
    {
      id: 'DatabaseChanges',
      about: 'the database was changed, stopped, deleted or exposed',
      services: ['rds'],
      detail: {
        userIdentity: NOT_BY_BACKUP,
        $or: [
          by(CLUSTER_CHANGES, { dBClusterIdentifier: identifier }),
          by(['DisableHttpEndpoint', 'EnableHttpEndpoint'], { resourceArn: arn }),
          { eventName: [...CLUSTER_PART_CHANGES] },
        ],
      },
    },
    // a rule of its own: the identifiers of sixteen instances nearly fill a pattern
    {
      id: 'InstanceChanges',
      about: 'an instance of the database was changed or deleted',
      services: ['rds'],
      detail: by(INSTANCE_CHANGES, { dBInstanceIdentifier: instances }),
    },
    {
      id: 'SnapshotChanges',
      about: 'the database was copied: a snapshot was copied, exported or restored',
      services: ['rds'],
      detail: {
        userIdentity: NOT_BY_BACKUP,
        $or: [
          by(['CopyDBClusterSnapshot'], { sourceDBClusterSnapshotIdentifier: copied }),
          by(['RestoreDBClusterFromSnapshot'], { snapshotIdentifier: copied }),
          by(['RestoreDBClusterToPointInTime'], { sourceDBClusterIdentifier: [...identifier, ...arn] }),
          by(['StartExportTask'], { sourceArn: copied }),
        ],
      },
    },
    ...(backupVaultName === undefined ? [] : backupRules(backupVaultName)),
  ];
}

/**
 * Returns the rule for copies that restore tests make: each is the whole database, with shares that were revoked since. Calls
 * for copies of other databases are reported too.
 *
 * @param copiers ARNs of the roles that change copies in each test
 */
export function restoredCopyRule(copiers: readonly string[]): WatchRule {
  const { identifiers, arns } = RESTORED_PATTERNS;
  const by = (eventName: readonly string[], requestParameters: object) => ({
    eventName: [...eventName],
    requestParameters,
  });
  return {
    id: 'RestoredCopyChanges',
    about: 'the copy of a restore test was changed, copied, exposed or deleted',
    services: ['rds'],
    detail: {
      userIdentity: {
        ...NOT_BY_BACKUP,
        sessionContext: { sessionIssuer: { arn: [{ exists: false }, { 'anything-but': [...copiers] }] } },
      },
      $or: [
        by(CLUSTER_CHANGES, { dBClusterIdentifier: identifiers }),
        by(INSTANCE_CHANGES, { dBInstanceIdentifier: identifiers }),
        by(['RestoreDBClusterToPointInTime'], { sourceDBClusterIdentifier: identifiers }),
        by(['RemoveTagsFromResource'], { resourceName: arns }),
        by(['DisableHttpEndpoint', 'EnableHttpEndpoint'], { resourceArn: arns }),
      ],
    },
  };
}

function backupRules(backupVaultName: string): readonly WatchRule[] {
  return [
    {
      id: 'BackupChanges',
      about: 'a backup, its vault, its plan or the opt-in of the account was changed or deleted',
      services: ['backup'],
      detail: {
        $or: [
          { eventName: [...BACKUP_CHANGES], requestParameters: { backupVaultName: [backupVaultName] } },
          { eventName: [...BACKUP_PLAN_CHANGES] },
        ],
      },
    },
    {
      id: 'BackupJobs',
      about: 'a backup did not succeed',
      services: ['backup'],
      detailType: 'Backup Job State Change',
      detail: { state: ['ABORTED', 'EXPIRED', 'FAILED'], backupVaultName: [backupVaultName] },
    },
  ];
}

/** Returns the rule that watches interface endpoints, since their policies protect the way to the keys. */
export function endpointRules(): readonly WatchRule[] {
  return [
    {
      id: 'EndpointChanges',
      about: 'a VPC endpoint of the account was changed or deleted',
      services: ['ec2'],
      detail: { eventName: [...ENDPOINT_CHANGES] },
    },
  ];
}
