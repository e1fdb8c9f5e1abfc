import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { StorageKey } from '../../lib/storage-key';
import { VaultNetwork, type VaultNetworkProps } from '../../lib/vault-network';
import { testStack } from './synth';

/** A vault's network by itself. */
export function networkIn(stack: Stack, props: Partial<VaultNetworkProps> = {}) {
  const { environment = 'dev' } = props;
  const storageKey = new StorageKey(stack, 'StorageKey', { environment });
  const made = new VaultNetwork(stack, 'Network', { environment, storageKey, ...props });
  return { stack, made, template: () => Template.fromStack(stack) };
}

/** As a JavaScript caller writes it: with values of any type. */
export function untypedNetwork(props: object): VaultNetwork {
  return networkIn(testStack(), props).made;
}

/** A VPC that exists: its subnets are private unless others are given. */
export function existingVpc(stack: Stack, attributes: Partial<ec2.VpcAttributes> = {}, id = 'Existing'): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, id, {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    ...(attributes.isolatedSubnetIds === undefined && attributes.publicSubnetIds === undefined
      ? { privateSubnetIds: ['subnet-1', 'subnet-2'] }
      : {}),
    ...attributes,
  });
}
