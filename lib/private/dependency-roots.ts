import { CfnResource, Reference, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { type Construct, Dependable, type IConstruct } from 'constructs';

/**
 * Makes everything that waits for a construct wait for all of it, except the rules that allow security groups from
 * outside. Such a rule waits for its group: a consumer that is allowed, and waits for the construct, would wait for
 * itself.
 */
export function excludeConsumers(construct: Construct): void {
  Dependable.implement(construct, new WithoutConsumers(construct));
}

class WithoutConsumers extends Dependable {
  constructor(private readonly construct: Construct) {
    super();
  }

  public get dependencyRoots(): IConstruct[] {
    const resources = this.construct.node.findAll().filter((child) => CfnResource.isCfnResource(child));
    return resources.filter((resource) => !isOutsideIngress(resource, this.construct));
  }
}

function isOutsideIngress(resource: CfnResource, construct: Construct): boolean {
  if (!(resource instanceof ec2.CfnSecurityGroupIngress)) return false;
  const { tokens } = Tokenization.reverseString(resource.sourceSecurityGroupId ?? '');
  return tokens.some((token) => Reference.isReference(token) && !token.target.node.scopes.includes(construct));
}
