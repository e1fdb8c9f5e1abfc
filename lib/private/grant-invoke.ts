import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { FUNCTION_INVOKE } from './actions';

/** How an alias lets another account in: a statement in the function's own policy. Imported vaults can't. */
export type AllowAccount = ((account: string) => void) | undefined;

/**
 * Lets a grantee invoke one alias, through its own policy; one of another account is let in by the function's policy
 * too. Throws where nothing would come of it: CDK reports success for roles that can't be changed.
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
        `grantee: expected one of the vault's account, got one of ${account}: grant it where the vault is made`,
      );
    }
    allowAccount(account);
    if (principal instanceof iam.AccountPrincipal) return accountGrant(vault, grantee, aliasArn);
  }
  const grant = iam.Grant.addToPrincipal({ grantee, actions: [FUNCTION_INVOKE], resourceArns: [aliasArn] });
  if (!grant.success) throw new Error(`grantee: expected one that takes a policy, got ${describe(vault, principal)}`);
  return grant;
}

/** An account as a whole has no policy: its identities get theirs over there. The function's own is written already. */
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

/** The grantee's account where it is surely another than the vault's; throws where nobody can tell. */
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
      // with an account alone it is plain what is meant, and a statement for the own one does no harm
      if (principal instanceof iam.AccountPrincipal && !Token.isUnresolved(account)) return account;
      throw new Error(
        `grantee: expected both accounts to be known or neither, got ${describe(vault, principal)}: give the stacks an env`,
      );
  }
}

function requireMutable(vault: Construct, principal: iam.IPrincipal): void {
  if (principal instanceof iam.UnknownPrincipal) {
    throw new Error('grantee: expected one whose role is known, got one that was imported without it');
  }
  // they pass statements on to the principal within, without what they add to it, and be that an immutable one
  if (principal instanceof iam.PrincipalWithConditions || principal instanceof iam.SessionTagsPrincipal) {
    throw new Error(
      'grantee: expected a principal itself, got one with conditions or session tags: a grant would drop them',
    );
  }
  if (principal instanceof immutableRole()) {
    throw new Error(`grantee: expected a role that takes a policy, got the immutable ${describe(vault, principal)}`);
  }
}

type RoleClass = abstract new (...args: never[]) => iam.IRole;
let immutable: RoleClass | undefined;

/** CDK's class of roles that swallow what is added to them. It is not exported: one is made to learn it. */
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
