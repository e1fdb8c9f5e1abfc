import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';

/**
 * The resource that empties the default security group of a network. It is the CDK's own, and all networks of a stack
 * share it.
 */
export const DEFAULT_GROUP = /^Custom::VpcRestrictDefaultSG$/;

/**
 * Types of resources that a database needs, besides its keys. None of them can be deleted as long as the database
 * exists.
 */
const NEEDED = [
  /^AWS::RDS::/,
  /^AWS::EC2::(SecurityGroup|Subnet|VPC)$/,
  // its deletion would open the default security group of the network again
  DEFAULT_GROUP,
];

/**
 * Applies a removal policy to a database or a network, and to everything in it that a retained database needs. RDS's
 * own constructs only have RETAIN and SNAPSHOT, and RETAIN leaves the resources of a failed first deploy behind.
 * Readers are always deleted.
 */
export function applyRemoval(construct: IConstruct, policy: RemovalPolicy): void {
  for (const resource of construct.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    if (!NEEDED.some((type) => type.test(resource.cfnResourceType))) continue;
    resource.applyRemovalPolicy(isReader(resource) ? RemovalPolicy.DESTROY : policy);
  }
}

/**
 * Returns whether a resource is an instance beside the writer. It costs money as long as it runs, and the cluster has
 * all data: RDS deletes it in spite of the cluster's protection, and one that has become the writer hands over first.
 */
export function isReader(resource: CfnResource): boolean {
  return resource instanceof rds.CfnDBInstance && resource.promotionTier !== 0;
}

/** Resources that are deleted with their stack although others of their type are kept. */
const deleted = new WeakSet<IConstruct>();

/** Lets the resources of a construct be deleted with their stack: nothing that outlives it needs them. */
export function deleteWithStack(construct: IConstruct): void {
  for (const resource of construct.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    resource.applyRemovalPolicy(RemovalPolicy.DESTROY);
    deleted.add(resource);
  }
}

/** Returns whether a resource may be deleted with its stack although others of its type are kept. */
export function isDeletable(resource: CfnResource): boolean {
  return isReader(resource) || deleted.has(resource);
}
