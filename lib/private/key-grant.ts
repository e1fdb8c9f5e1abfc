import { Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';

/**
 * What a statement of a key's policy, which names the role, gives it. Within the key's account that is enough, and a
 * second statement in the role would say nothing but itself: see docs/adr/0007. A role of another account needs its own
 * account's word as well, so it gets one.
 */
export function keyGrant(
  key: kms.IKey,
  role: iam.IRole,
  statement: iam.PolicyStatement,
  allowed: { readonly action: string; readonly conditions: Record<string, Record<string, unknown>> },
): iam.Grant {
  const { action, conditions } = allowed;
  const granted = { grantee: role, actions: [action], resourceArns: [key.keyArn] };
  if (!isOfAccount(role, key.env.account)) return iam.Grant.addToPrincipal({ ...granted, conditions });
  // it stands in the key's policy by now
  const resource = { env: key.env, addToResourcePolicy: () => ({ statementAdded: true, policyDependable: key }) };
  return iam.Grant.addStatementToResourcePolicy({ ...granted, resource, statement });
}

function isOfAccount({ principalAccount }: iam.IRole, account: string): boolean {
  const { SAME, BOTH_UNRESOLVED } = TokenComparison;
  return [SAME, BOTH_UNRESOLVED].includes(Token.compareStrings(principalAccount ?? account, account));
}
