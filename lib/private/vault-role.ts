import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { IAM_PATH } from './names';

/**
 * A role whose permissions all stand in one managed policy of its own, whoever adds them: auditors ask for no inline
 * ones. The policy names the role and not the other way round, or a key whose policy names the role would close a cycle.
 */
export class VaultRole extends iam.Role {
  private readonly permissions: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: iam.RoleProps) {
    super(scope, id, { ...props, path: IAM_PATH });
    this.permissions = new iam.ManagedPolicy(this, 'Permissions', {
      description: props.description,
      path: IAM_PATH,
      roles: [this],
    });
  }

  /** Of the policy that holds them. */
  public get policyArn(): string {
    return this.permissions.managedPolicyArn;
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    this.permissions.addStatements(statement);
    return { statementAdded: true, policyDependable: this.permissions };
  }
}
