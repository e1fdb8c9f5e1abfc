import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';

/** The resource that empties the default security group of a network; a stack has one of the CDK's. */
export const DEFAULT_GROUP = /^Custom::VpcRestrictDefaultSG$/;

/** What a database can't be without, besides its keys: none of it can be deleted as long as the database exists. */
const NEEDED = [
  /^AWS::RDS::/,
  /^AWS::EC2::(SecurityGroup|Subnet|VPC)$/,
  // its deletion would open the network's default group again
  DEFAULT_GROUP,
];

/**
 * Applies a removal policy to a database or a network and to everything below that a retained database needs. RDS's own
 * constructs know RETAIN and SNAPSHOT only, and RETAIN orphans the remains of a failed first deploy. Readers are always deleted.
 */
export function keep(construct: IConstruct, policy: RemovalPolicy): void {
  for (const resource of construct.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    if (!NEEDED.some((type) => type.test(resource.cfnResourceType))) continue;
    resource.applyRemovalPolicy(isReader(resource) ? RemovalPolicy.DESTROY : policy);
  }
}

/**
 * Tells whether a resource is an instance beside the writer. It costs as long as it runs, and all data is the cluster's:
 * RDS deletes it in spite of the cluster's protection, and one that took over as the writer hands over first.
 */
export function isReader(resource: CfnResource): boolean {
  return resource instanceof rds.CfnDBInstance && resource.promotionTier !== 0;
}
