import { Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** Owners of fixed names in an account and region, for each app. */
const owners = new WeakMap<IConstruct, Map<string, Construct>>();

/**
 * Records a construct as the owner of a name in its account and region. Throws if another construct of the app has the
 * name: the second deploy would fail on the first one's resources, or replace them. Two unknown places count as one; a
 * known and an unknown place can't be compared.
 */
export function requireOnlyOwner(owner: Construct, prop: string, name: string): void {
  const { account, region } = Stack.of(owner);
  const place = [account, region].map((part) => (Token.isUnresolved(part) ? '' : part));
  const names = owners.get(owner.node.root) ?? new Map<string, Construct>();
  owners.set(owner.node.root, names);
  const key = [...place, prop, name].join('/');
  const first = names.get(key);
  if (first && first !== owner) {
    throw new Error(
      `${prop}: expected "${name}" for only one vault in an account and region, got it for ${first.node.path} and ${owner.node.path}`,
    );
  }
  names.set(key, owner);
}
