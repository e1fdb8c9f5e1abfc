import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { foreignAccount } from './grant-invoke';

/**
 * Lets a role use a key by a statement of the key's policy, which `allow` writes. Within one account that is enough:
 * see docs/adr/0007. Throws for a role of another account, which would need a statement of its own: keys are only used
 * in the vault's account.
 */
export function keyGrant(key: kms.IKey, role: iam.IRole, allow: () => iam.PolicyStatement): iam.Grant {
  const account = foreignAccount(key, role);
  if (account !== undefined) throw new Error(`grantee: expected a role of the key's account, got one of ${account}`);
  const statement = allow();
  return iam.Grant.addStatementToResourcePolicy({
    grantee: role,
    actions: statement.actions,
    resourceArns: [key.keyArn],
    statement,
    // the key's policy already has it
    resource: { env: key.env, addToResourcePolicy: () => ({ statementAdded: true, policyDependable: key }) },
  });
}
