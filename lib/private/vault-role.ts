import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import { IAM_PATH } from './names';

/**
 * A role with all permissions in one managed policy of its own, from all sources: auditors require that there are no
 * inline policies. The policy names the role, and not the other way round: a key with a policy that names the role
 * would close a cycle.
 */
export class VaultRole extends iam.Role {
  private readonly permissions: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: iam.RoleProps) {
    super(scope, id, { path: IAM_PATH, ...props });
    this.permissions = new iam.ManagedPolicy(this, 'Permissions', {
      description: props.description,
      path: props.path ?? IAM_PATH,
      roles: [this],
    });
  }

  /** ARN of the policy with the permissions. */
  public get policyArn(): string {
    return this.permissions.managedPolicyArn;
  }

  /** Makes changes of the permissions wait until a deploy has made these constructs. */
  public _grantAfter(dependencies: readonly IDependable[]): void {
    this.permissions.node.addDependency(...dependencies);
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    this.permissions.addStatements(statement);
    return { statementAdded: true, policyDependable: this.permissions };
  }
}
