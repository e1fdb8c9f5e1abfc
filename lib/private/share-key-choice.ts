import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ShareKey } from '../share-key';
import { refuse } from './checks';
import { isExternalKey } from './record-keys';

/** What a vault's share keys must match. */
export interface KeyOwner {
  readonly environment: string;
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Returns the given share key if it is one in AWS KMS, undefined if it is an external key. Throws for a key that can't
 * serve the vault.
 *
 * @param name of the prop
 */
export function shareKeyOf(
  vault: IConstruct,
  given: unknown,
  { environment, removalPolicy }: KeyOwner,
  name = 'shareKey',
): ShareKey | undefined {
  if (isExternalKey(given)) return undefined;
  // a key that is missing by mistake must not become a new key: no record was sealed under that one
  if (!isShareKey(given)) return refuse(name, 'a ShareKey or an ExternalKey', given);
  if (given.environment !== environment) {
    throw new Error(`${name}: expected one of environment ${environment}, got one of ${given.environment}`);
  }
  if (given._removalPolicy === RemovalPolicy.DESTROY && removalPolicy !== RemovalPolicy.DESTROY) {
    throw new Error(
      `${name}: expected one that outlives its stack as its vault does, got one with removalPolicy DESTROY`,
    );
  }
  // its policy names roles of the vault, and their policies name it: between stacks that is a cycle
  if (Stack.of(given) !== Stack.of(vault)) {
    throw new Error(`${name}: expected one in the vault's own stack, got one in ${Stack.of(given).stackName}`);
  }
  return given;
}

/** Returns whether a value has the members of a share key: an app can have several copies of this library. */
function isShareKey(key: unknown): key is ShareKey {
  return typeof key === 'object' && key !== null && ['keyArn', 'grantSeal', 'environment'].every((name) => name in key);
}
