import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { requireDuration, requireEnvironment, requireFlag, requireRemovalPolicy } from './private/checks';
import { IAM_PATH, stackSuffix } from './private/names';
import { LIMITS } from './private/patterns';
import type { StorageKey } from './storage-key';

/** Props of `DatabaseBackup`. */
export interface DatabaseBackupProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Cluster of the database. */
  readonly cluster: rds.IDatabaseCluster;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** How long a backup is kept. A backup can contain a revoked wallet for that time. */
  readonly retention: Duration;
  /** Removal policy of the backup vault. */
  readonly removalPolicy: RemovalPolicy;
  /** Whether backups are made. */
  readonly plan: boolean;
}

/**
 * A daily backup of the database, in a backup vault of its own under the storage key. The backup vault exists without a
 * plan too: it costs nothing while it is empty, and a retained one would block a plan that is added again.
 */
export class DatabaseBackup extends Construct {
  /** Name of the backup vault; undefined without a plan. */
  public readonly vaultName?: string;

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    requireFlag('plan', props.plan);
    requireDuration('retention', props.retention, 'days', LIMITS.backupDays);
    requireRemovalPolicy(props.removalPolicy);
    const backupVault = new backup.BackupVault(this, 'Vault', {
      backupVaultName: `share-vault-${props.environment}-${stackSuffix(this)}`,
      encryptionKey: props.storageKey.key,
      removalPolicy: props.removalPolicy,
    });
    if (!props.plan) return;
    this.vaultName = backupVault.backupVaultName;
    const plan = new backup.BackupPlan(this, 'Plan', { backupVault });
    plan.addRule(
      new backup.BackupPlanRule({
        // Aurora has its own continuous backup. RDS would refuse a second one: CloudFormation sends the retention again
        // with every change of the cluster
        ruleName: 'Daily',
        scheduleExpression: events.Schedule.cron({ hour: '5', minute: '0' }),
        deleteAfter: props.retention,
        startWindow: Duration.hours(1),
        completionWindow: Duration.hours(4),
      }),
    );
    plan.addSelection('Selection', {
      resources: [backup.BackupResource.fromRdsDatabaseCluster(props.cluster)],
      role: new iam.Role(this, 'Role', {
        description: 'share vault: backs the database up',
        path: IAM_PATH,
        assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
      }),
    });
  }
}
