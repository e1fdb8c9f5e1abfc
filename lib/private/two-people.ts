import { randomUUID } from 'node:crypto';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { Operation } from '../operation';

/** The other side of a thaw: one requests it, another confirms it. */
const OTHER_SIDE: Readonly<Partial<Record<Operation, Operation>>> = {
  [Operation.FREEZE]: Operation.THAW,
  [Operation.THAW]: Operation.FREEZE,
};

/** Ids of grantees without an ARN, for this process. */
const unnamed = new WeakMap<iam.IPrincipal, string>();

/** Actors by operation, vault and grantee, for each app. */
const granted = new WeakMap<IConstruct, Map<string, Set<string>>>();

/**
 * Throws if a grantee would have both sides of a thaw under two actors: the database compares the names of the actors, so
 * one person would count as two. Both sides under one actor are allowed, since the database refuses that actor's
 * confirmation of its own request. An account as a whole is allowed: its administrators decide which of its identities
 * gets which alias.
 *
 * @param functionArn ARN of one of the vault's functions: it identifies the vault, also an imported one
 */
export function requireTwoPeople(
  vault: IConstruct,
  functionArn: string,
  principal: iam.IPrincipal,
  grant: { readonly operation: Operation; readonly actor: string },
): void {
  const { operation, actor } = grant;
  const otherSide = OTHER_SIDE[operation];
  const identity = identityOf(principal);
  if (otherSide === undefined || principal instanceof iam.AccountPrincipal) return;
  const actors = granted.get(vault.node.root) ?? new Map<string, Set<string>>();
  granted.set(vault.node.root, actors);
  const actorsOf = (side: Operation): Set<string> => {
    const key = `${side} ${functionArn} ${identity}`;
    const names = actors.get(key) ?? new Set<string>();
    actors.set(key, names);
    return names;
  };
  const other = [...actorsOf(otherSide)].find((name) => name !== actor);
  if (other !== undefined) {
    throw new Error(
      `grantee: expected two people for a thaw, got one that may ${otherSide} as "${other}" and ${operation} as "${actor}": grant both as one actor, or to two roles`,
    );
  }
  actorsOf(operation).add(actor);
}

/**
 * Returns the ARN of a role, a user or a group, known or a token: the same for two imports of one of them. A policy that
 * takes grants itself has none: the object stands for it.
 */
function identityOf(principal: iam.IPrincipal): string {
  const arns = ['roleArn', 'userArn', 'groupArn', 'arn'].map((name): unknown => Reflect.get(principal, name));
  const known = arns.find((arn) => typeof arn === 'string');
  if (known !== undefined) return known;
  const own = unnamed.get(principal) ?? randomUUID();
  unnamed.set(principal, own);
  return own;
}
