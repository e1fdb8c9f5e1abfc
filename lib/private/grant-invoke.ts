import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { FUNCTION_INVOKE } from './actions';

/**
 * A function that allows another account to invoke an alias, by a statement in the function's own policy. Imported
 * vaults have none.
 */
export type AllowAccount = ((account: string) => void) | undefined;

/**
 * Grants a grantee the right to invoke one alias, by the grantee's own policy, and for another account by the
 * function's policy too. Throws if the grant would have no effect: CDK reports success for roles that can't be changed.
 */
export function grantInvoke(
  vault: Construct,
  grantee: iam.IGrantable,
  aliasArn: string,
  allowAccount: AllowAccount,
): iam.Grant {
  const principal = grantee.grantPrincipal;
  requireMutable(vault, principal);
  const account = foreignAccount(vault, principal);
  if (account !== undefined) {
    if (!allowAccount) {
      throw new Error(
        `grantee: expected one of the vault's account, got one of ${account}: grant it in the app that defines the vault`,
      );
    }
    allowAccount(account);
    if (principal instanceof iam.AccountPrincipal) return accountGrant(vault, grantee, aliasArn);
  }
  const grant = iam.Grant.addToPrincipal({ grantee, actions: [FUNCTION_INVOKE], resourceArns: [aliasArn] });
  if (!grant.success)
    throw new Error(`grantee: expected one that accepts policy statements, got ${describe(vault, principal)}`);
  return grant;
}

/**
 * Grants a grantee actions by its own policy. Throws if the grant would have no effect, which includes grantees of other
 * accounts: the resources have no policies of their own.
 */
export function grantActions(
  scope: Construct,
  grantee: iam.IGrantable,
  actions: string[],
  resourceArns: string[],
): iam.Grant {
  const principal = grantee.grantPrincipal;
  requireMutable(scope, principal);
  const account = foreignAccount(scope, principal);
  if (account !== undefined) throw new Error(`grantee: expected one of the vault's account, got one of ${account}`);
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  if (!grant.success)
    throw new Error(`grantee: expected one that accepts policy statements, got ${describe(scope, principal)}`);
  return grant;
}

/**
 * Allows an account as a whole, which has no policy: its administrators grant the right to its identities. The
 * function's own policy is already written.
 */
function accountGrant(vault: Construct, grantee: iam.IGrantable, aliasArn: string): iam.Grant {
  const { account, region } = Stack.of(vault);
  const statement = new iam.PolicyStatement({
    principals: [grantee.grantPrincipal],
    actions: [FUNCTION_INVOKE],
    resources: [aliasArn],
  });
  return iam.Grant.addStatementToResourcePolicy({
    grantee,
    actions: [FUNCTION_INVOKE],
    resourceArns: [aliasArn],
    resource: { env: { account, region }, addToResourcePolicy: () => ({ statementAdded: true }) },
    statement,
  });
}

/** Returns the grantee's account if it certainly differs from the vault's; throws if it can't be determined. */
export function foreignAccount(vault: IConstruct, principal: iam.IPrincipal): string | undefined {
  const account = principal.principalAccount;
  if (account === undefined || principal instanceof iam.AccountRootPrincipal) return undefined;
  switch (Token.compareStrings(account, Stack.of(vault).account)) {
    case TokenComparison.SAME:
    case TokenComparison.BOTH_UNRESOLVED:
      return undefined;
    case TokenComparison.DIFFERENT:
      return account;
    default:
      // an account as grantee is unambiguous, and a statement for the vault's own account does no harm
      if (principal instanceof iam.AccountPrincipal && !Token.isUnresolved(account)) return account;
      throw new Error(
        `grantee: expected both accounts to be known or neither, got ${describe(vault, principal)}: give the stacks an env`,
      );
  }
}

function requireMutable(vault: Construct, principal: iam.IPrincipal): void {
  if (principal instanceof iam.UnknownPrincipal) {
    throw new Error('grantee: expected one with a known role, got one that was imported without its role');
  }
  // these wrappers pass statements on to the principal inside and omit their own additions; it may be immutable
  if (principal instanceof iam.PrincipalWithConditions || principal instanceof iam.SessionTagsPrincipal) {
    throw new Error(
      'grantee: expected a principal itself, got one with conditions or session tags: a grant would ignore them',
    );
  }
  if (principal instanceof immutableRole()) {
    throw new Error(
      `grantee: expected a role that accepts policy statements, got the immutable ${describe(vault, principal)}`,
    );
  }
}

type RoleClass = abstract new (...args: never[]) => iam.IRole;
let immutable: RoleClass | undefined;

/** CDK's class of roles that ignore added statements. It is not exported: its class is taken from an instance. */
function immutableRole(): RoleClass {
  if (!immutable) {
    const role = new iam.Role(new Stack(), 'Probe', { assumedBy: new iam.AnyPrincipal() });
    immutable = role.withoutPolicyUpdates().constructor as RoleClass;
  }
  return immutable;
}

function describe(vault: IConstruct, principal: iam.IPrincipal): string {
  return 'node' in principal
    ? (principal as iam.IRole).node.path
    : JSON.stringify(Stack.of(vault).resolve(principal.policyFragment.principalJson));
}
