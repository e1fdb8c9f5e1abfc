import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { requireDuration, requireRemovalPolicy } from './private/checks';
import { LIMITS } from './private/patterns';
import type { StorageKey } from './storage-key';

export interface DatabaseBackupProps {
  readonly cluster: rds.IDatabaseCluster;
  readonly storageKey: StorageKey;
  /** How long a backup is kept; that long a revoked wallet can still stand in one. */
  readonly retention: Duration;
  readonly removalPolicy: RemovalPolicy;
}

/** A daily backup of the database, and one to any second, in a backup vault of its own under the storage key. */
export class DatabaseBackup extends Construct {
  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    requireDuration('retention', props.retention, 'days', LIMITS.backupDays);
    requireRemovalPolicy(props.removalPolicy);
    const backupVault = new backup.BackupVault(this, 'Vault', {
      encryptionKey: props.storageKey.key,
      removalPolicy: props.removalPolicy,
    });
    const plan = new backup.BackupPlan(this, 'Plan', { backupVault });
    plan.addRule(
      new backup.BackupPlanRule({
        ruleName: 'Daily',
        enableContinuousBackup: true,
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
        assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
      }),
    });
  }
}
