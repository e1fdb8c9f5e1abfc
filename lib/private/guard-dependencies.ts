import { CfnResource } from 'aws-cdk-lib';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';
import { DEFAULT_GROUP } from './removal';
import type { DeletionGuard } from '../deletion-guard';
import type { VaultNetwork } from '../vault-network';

/** Parts of its network that a cluster needs. */
const NEEDED = /^AWS::EC2::(Subnet|VPC)$/;

/** Makes everything that uses a cluster wait for the cluster's deletion guard. */
export function addDatabaseDependencies(guard: DeletionGuard, cluster: rds.DatabaseCluster, backup: IConstruct): void {
  const instances = resourcesOf(cluster).filter(({ cfnResourceType }) => cfnResourceType === 'AWS::RDS::DBInstance');
  for (const construct of [...instances, backup]) construct.node.addDependency(guard._resource);
}

/**
 * Makes every resource of a vault wait for the guard, or precede the cluster. If another resource failed between the
 * two, CloudFormation would cancel the guard's creation and roll back, and nothing would lift the protection.
 */
export function addVaultDependencies(
  { cluster, _guard }: { readonly cluster: rds.IDatabaseCluster; readonly _guard?: DeletionGuard },
  network: VaultNetwork,
  others: readonly (IConstruct | undefined)[],
): void {
  if (!_guard) return;
  for (const other of others) other?.node.addDependency(_guard._resource);
  for (const resource of resourcesOf(network)) {
    const { cfnResourceType: type } = resource;
    if (DEFAULT_GROUP.test(type)) cluster.node.defaultChild?.node.addDependency(resource);
    else if (!NEEDED.test(type)) resource.node.addDependency(_guard._resource);
  }
}

function resourcesOf(construct: IConstruct): readonly CfnResource[] {
  return construct.node.findAll().filter((child) => CfnResource.isCfnResource(child));
}
