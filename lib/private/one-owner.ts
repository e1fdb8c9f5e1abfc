import { Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** For each app: what has a fixed name in an account and region, and whose it is. */
const owners = new WeakMap<IConstruct, Map<string, Construct>>();

/**
 * Marks a name as a construct's own in its account and region. Throws if another construct of the app has it: the second
 * deploy would fail on the first one's resources, or take them over. Two places that are unknown count as one; a known
 * one and an unknown one can't be compared.
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
      `${prop}: expected "${name}" for one vault of an account and region, got it for ${first.node.path} and ${owner.node.path}`,
    );
  }
  names.set(key, owner);
}
