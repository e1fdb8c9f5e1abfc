import { CfnResource, type RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What a database can't be without, besides its keys: none of it can be deleted as long as the database exists. */
const NEEDED = [
  /^AWS::RDS::/,
  /^AWS::EC2::(SecurityGroup|Subnet|VPC)$/,
  // its deletion would open the group again that every network is born with
  /^Custom::VpcRestrictDefaultSG$/,
];

/**
 * Applies a removal policy to a database or a network and to everything below that a retained database needs. RDS's own
 * constructs know RETAIN and SNAPSHOT only, and RETAIN orphans what a failed first deploy leaves behind.
 */
export function keep(construct: IConstruct, policy: RemovalPolicy): void {
  for (const resource of construct.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    if (NEEDED.some((type) => type.test(resource.cfnResourceType))) resource.applyRemovalPolicy(policy);
  }
}
