import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import {
  CLUSTER_DESCRIBE,
  CLUSTER_RESTORE,
  CLUSTER_TAG,
  KEY_CREATE_GRANT,
  KEY_DESCRIBE,
  KEY_STORAGE,
} from './private/actions';
import { requireDuration } from './private/checks';
import { IAM_PATH, stackSuffix } from './private/names';
import { LIMITS } from './private/patterns';
import { createWatchRule } from './private/watch-rule';
import type { ShareVault } from './share-vault';

/** Props of `RestoreTesting`. */
export interface RestoreTestingProps {
  /** Vault with a backup plan, in the same stack. */
  readonly vault: ShareVault;

  /**
   * Time for which AWS Backup keeps the restored cluster: 1 to 168 hours. A validation has to be done in that time.
   *
   * @default Duration.hours(24)
   */
  readonly validationWindow?: Duration;
}

/** AWS Backup names the resources that a restore test creates, and deletes those only. */
const RESTORED = 'awsbackup-restore-test-*';

/**
 * Restores the newest daily backup of a vault's database once a week, into a cluster without an instance, which AWS
 * Backup then deletes. Reports a restore that fails to the vault's alarm topic. That the restored records open is yours
 * to validate: see docs/deploy.md.
 */
export class RestoreTesting extends Construct {
  /** Name of the plan, as AWS Backup lists it. */
  public readonly planName: string;

  constructor(scope: Construct, id: string, props: RestoreTestingProps) {
    super(scope, id);
    const { vault, validationWindow = Duration.hours(24) } = props;
    requireDuration('validationWindow', validationWindow, 'hours', LIMITS.validationHours);
    const { environment, alarmTopic: topic, database } = vault;
    if (Stack.of(vault) !== Stack.of(this)) throw new Error('vault: expected one of the same stack, got another stack');
    if (database.backupVaultName === undefined) {
      throw new Error('vault: expected one with a backupPlan, got none: there is no daily backup to restore');
    }
    const plan = new backup.CfnRestoreTestingPlan(this, 'Plan', {
      // AWS Backup allows letters, digits and underscores
      restoreTestingPlanName: `share_vault_${environment}_${stackSuffix(this)}`.replaceAll('-', '_'),
      scheduleExpression: events.Schedule.cron({ weekDay: 'SUN', hour: '12', minute: '0' }).expressionString,
      startWindowHours: 1,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        recoveryPointTypes: ['SNAPSHOT'],
        includeVaults: [this.arn('backup', 'backup-vault', database.backupVaultName)],
        selectionWindowDays: 7,
      },
    });
    this.planName = plan.restoreTestingPlanName;
    const cluster = database.cluster.node.defaultChild as rds.CfnDBCluster;
    const selection = new backup.CfnRestoreTestingSelection(this, 'Selection', {
      restoreTestingPlanName: this.planName,
      restoreTestingSelectionName: 'database',
      protectedResourceType: 'Aurora',
      protectedResourceArns: [database.cluster.clusterArn],
      iamRoleArn: this.createRole(vault, cluster).roleArn,
      validationWindowHours: validationWindow.toHours(),
      // otherwise it would be in the default VPC, with the default parameters
      restoreMetadataOverrides: {
        dbSubnetGroupName: cluster.dbSubnetGroupName ?? '',
        dbClusterParameterGroupName: cluster.dbClusterParameterGroupName ?? '',
        vpcSecurityGroupIds: Stack.of(this).toJsonString(cluster.vpcSecurityGroupIds),
      },
    });
    selection.node.addDependency(plan);
    createWatchRule(
      this,
      { environment, topic },
      {
        id: 'RestoreJobs',
        about: 'a restore by AWS Backup did not succeed',
        services: ['backup'],
        detailType: 'Restore Job State Change',
        // of the whole account and region: its events don't name the plan
        detail: { status: ['ABORTED', 'FAILED'] },
      },
    );
  }

  /** Creates the role that restores: it can make clusters of restore tests from backups, and no other cluster. */
  private createRole(vault: ShareVault, cluster: rds.CfnDBCluster): iam.Role {
    const role = new iam.Role(this, 'Role', {
      description: `share vault ${vault.environment}: restores a backup of the database for a test`,
      path: IAM_PATH,
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
    });
    const restored = this.arn('rds', 'cluster', RESTORED);
    const used = [
      this.arn('rds', 'cluster-snapshot', 'awsbackup:*'),
      this.arn('rds', 'subgrp', cluster.dbSubnetGroupName ?? ''),
      this.arn('rds', 'cluster-pg', cluster.dbClusterParameterGroupName ?? ''),
    ];
    const through = { StringEquals: { 'kms:ViaService': `rds.${Stack.of(this).region}.amazonaws.com` } };
    const allow = (sid: string, actions: readonly string[], resources: string[], conditions = {}): void =>
      void role.addToPolicy(new iam.PolicyStatement({ sid, actions: [...actions], resources, conditions }));
    allow('AllowRestoreOfBackups', [CLUSTER_RESTORE], [restored, ...used]);
    allow('AllowTagsOfRestored', [CLUSTER_TAG], [restored]);
    allow('AllowDescribe', CLUSTER_DESCRIBE, ['*']);
    const { keyArn } = vault.storageKey.key;
    allow('AllowStorageKey', [...KEY_STORAGE, KEY_CREATE_GRANT, KEY_DESCRIBE], [keyArn], through);
    return role;
  }

  private arn(service: string, resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}
