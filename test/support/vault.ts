import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { fixtureBundles, testStack } from './synth';

/** Returns a vault in a stack of its own or in the given scope, with code that tests have made. */
export function testVault(props: Partial<ShareVaultProps> = {}, scope: Construct = testStack(), id = 'Vault') {
  const vault = new ShareVault(scope, id, { environment: 'staging', bundles: fixtureBundles(), ...props });
  const stack = Stack.of(scope);
  return { stack, vault, template: () => Template.fromStack(stack) };
}
