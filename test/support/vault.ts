import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ShareVault, type ShareVaultProps } from '../../lib/share-vault';
import { fixtureBundles, testStack } from './synth';

/** A vault in a stack of its own, with code that tests have made. */
export function testVault(props: Partial<ShareVaultProps> = {}, stack: Stack = testStack()) {
  const vault = new ShareVault(stack, 'Vault', { environment: 'staging', bundles: fixtureBundles(), ...props });
  return { stack, vault, template: () => Template.fromStack(stack) };
}
