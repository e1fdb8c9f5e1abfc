import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ShareDatabase } from '../share-database';
import type { StorageKey } from '../storage-key';
import {
  CLUSTER_PREPARE,
  FUNCTION_INVOKE,
  INSTANCE_CREATE,
  INSTANCE_END,
  KEY_CREATE_GRANT,
  KEY_DESCRIBE,
  RESTORE_JOB,
} from './actions';
import { clusterOf } from './restore-plan';
import { colonArn, RESTORED } from './restored-names';
import type { VaultRole } from './vault-role';

/** Resources of the state machine of restore tests. */
export interface RestoreTestRights {
  readonly database: ShareDatabase;
  readonly storageKey: StorageKey;
  readonly aliasArn: string;
}

/**
 * Allows the state machine the calls of its tasks, on clusters and instances with AWS Backup's prefix for restore tests only.
 * It may invoke one alias.
 */
export function allowRestoreTests(scope: Construct, role: VaultRole, rights: RestoreTestRights): void {
  const { database, storageKey, aliasArn } = rights;
  const stack = Stack.of(scope);
  const arn = (resource: string, name: string): string => colonArn(scope, 'rds', resource, name);
  const cluster = arn('cluster', RESTORED);
  const instance = arn('db', RESTORED);
  // an instance that names no groups gets the default ones of its engine
  const used = [arn('pg', 'default.*'), arn('og', 'default:*'), arn('subgrp', clusterOf(database).dbSubnetGroupName ?? '')]; // prettier-ignore
  const allow = (sid: string, actions: readonly string[], resources: string[], conditions = {}): void =>
    void role.addToPrincipalPolicy(new iam.PolicyStatement({ sid, actions: [...actions], resources, conditions }));
  // neither the job's id nor its resource is known before: the state machine compares the plan of the job
  allow('AllowRestoreJobs', RESTORE_JOB, ['*']);
  allow('AllowRestoredCluster', CLUSTER_PREPARE, [cluster]);
  allow('AllowInstance', [INSTANCE_CREATE], [instance, cluster, ...used]);
  allow('AllowEndOfInstance', INSTANCE_END, [instance]);
  // RDS creates a grant for the instance with the permissions of its caller
  allow('AllowStorageKeyForInstance', [KEY_CREATE_GRANT, KEY_DESCRIBE], [storageKey.key.keyArn], {
    StringEquals: { 'kms:ViaService': `rds.${stack.region}.amazonaws.com` },
  });
  allow('AllowCheck', [FUNCTION_INVOKE], [aliasArn]);
}
