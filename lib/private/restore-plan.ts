import { Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { ShareDatabase } from '../share-database';
import type { StorageKey } from '../storage-key';
import { CLUSTER_DESCRIBE, CLUSTER_RESTORE, CLUSTER_TAG, KEY_CREATE_GRANT, KEY_DESCRIBE, KEY_STORAGE } from './actions';
import { stackSuffix } from './names';
import { colonArn, RESTORED } from './restored-names';
import { VaultRole } from './vault-role';

/** A restore testing plan of one database. */
export interface RestorePlanProps {
  readonly environment: string;
  readonly database: ShareDatabase;
  readonly storageKey: StorageKey;
  /** name of the backup vault with the daily backups */
  readonly backupVaultName: string;
  readonly scheduleExpression: string;
  readonly validationHours: number;
}

/** Creates the plan: AWS Backup restores the newest daily backup into a cluster without an instance. */
export function createRestorePlan(scope: Construct, props: RestorePlanProps): backup.CfnRestoreTestingPlan {
  const { environment, database } = props;
  const plan = new backup.CfnRestoreTestingPlan(scope, 'Plan', {
    // AWS Backup allows letters, digits and underscores; without the last part, a construct of an earlier version has the name
    restoreTestingPlanName: `share_vault_${environment}_${stackSuffix(scope)}_test`.replaceAll('-', '_'),
    scheduleExpression: props.scheduleExpression,
    startWindowHours: 1,
    recoveryPointSelection: {
      algorithm: 'LATEST_WITHIN_WINDOW',
      recoveryPointTypes: ['SNAPSHOT'],
      includeVaults: [colonArn(scope, 'backup', 'backup-vault', props.backupVaultName)],
      selectionWindowDays: 7,
    },
  });
  const cluster = clusterOf(database);
  const selection = new backup.CfnRestoreTestingSelection(scope, 'Selection', {
    restoreTestingPlanName: plan.restoreTestingPlanName,
    restoreTestingSelectionName: 'database',
    protectedResourceType: 'Aurora',
    protectedResourceArns: [database.cluster.clusterArn],
    iamRoleArn: createRole(scope, props).roleArn,
    validationWindowHours: props.validationHours,
    // otherwise it would be in the default VPC, with the default parameters
    restoreMetadataOverrides: {
      dbSubnetGroupName: cluster.dbSubnetGroupName ?? '',
      dbClusterParameterGroupName: cluster.dbClusterParameterGroupName ?? '',
      vpcSecurityGroupIds: Stack.of(scope).toJsonString(cluster.vpcSecurityGroupIds),
    },
  });
  selection.node.addDependency(plan);
  return plan;
}

/** Returns the cluster with its names in the template. */
export function clusterOf({ cluster }: ShareDatabase): rds.CfnDBCluster {
  return cluster.node.defaultChild as rds.CfnDBCluster;
}

/** Creates the role that restores: it can make clusters of restore tests from backups, and no other cluster. */
function createRole(scope: Construct, { environment, database, storageKey }: RestorePlanProps): iam.IRole {
  const role = new VaultRole(scope, 'Role', {
    description: `share vault ${environment}: restores a backup of the database for a test`,
    assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
  });
  const cluster = clusterOf(database);
  const restored = colonArn(scope, 'rds', 'cluster', RESTORED);
  const used = [
    colonArn(scope, 'rds', 'cluster-snapshot', 'awsbackup:*'),
    colonArn(scope, 'rds', 'subgrp', cluster.dbSubnetGroupName ?? ''),
    colonArn(scope, 'rds', 'cluster-pg', cluster.dbClusterParameterGroupName ?? ''),
  ];
  const through = { StringEquals: { 'kms:ViaService': `rds.${Stack.of(scope).region}.amazonaws.com` } };
  const allow = (sid: string, actions: readonly string[], resources: string[], conditions = {}): void =>
    void role.addToPrincipalPolicy(new iam.PolicyStatement({ sid, actions: [...actions], resources, conditions }));
  allow('AllowRestoreOfBackups', [CLUSTER_RESTORE], [restored, ...used]);
  allow('AllowTagsOfRestored', [CLUSTER_TAG], [restored]);
  allow('AllowDescribe', CLUSTER_DESCRIBE, ['*']);
  allow('AllowStorageKey', [...KEY_STORAGE, KEY_CREATE_GRANT, KEY_DESCRIBE], [storageKey.key.keyArn], through);
  return role;
}
