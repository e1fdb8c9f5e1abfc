import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Applies a removal policy to one resource of a database. RDS's own constructs know RETAIN and SNAPSHOT alone, and
 * RETAIN orphans what a failed first deploy leaves behind.
 */
export function keep(construct: IConstruct, policy: RemovalPolicy): void {
  if (CfnResource.isCfnResource(construct) && construct.cfnResourceType.startsWith('AWS::RDS::')) {
    construct.applyRemovalPolicy(policy);
  }
}
