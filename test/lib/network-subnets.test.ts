import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { VaultNetworkProps } from '../../lib/vault-network';
import { existingVpc, networkIn } from '../support/network';
import { testStack } from '../support/synth';

const ISOLATED = { isolatedSubnetIds: ['subnet-1', 'subnet-2'] };
const PUBLIC = { publicSubnetIds: ['subnet-1', 'subnet-2'] };
const { PRIVATE_ISOLATED, PRIVATE_WITH_EGRESS } = ec2.SubnetType;
const WITHOUT_PUBLIC = 'expected private or isolated subnets: a function in a public subnet has no way out';

describe('a network without a choice of subnets', () => {
  test.each<[string, Partial<ec2.VpcAttributes>, Partial<VaultNetworkProps>, string]>([
    [
      'a network of isolated subnets is refused without endpoints, which the error names',
      ISOLATED,
      {},
      'vpc: expected private subnets with egress, got isolated ones only: choose endpoints: true, or the isolated ones with vpcSubnets if the network has endpoints for KMS and Secrets Manager',
    ],
    [
      'a network of private subnets is refused with endpoints, and the error names vpcSubnets',
      {},
      { endpoints: true },
      'vpc: expected isolated subnets for endpoints: true, got private with egress ones only: choose others with vpcSubnets',
    ],
    [
      'a network of public subnets is refused',
      PUBLIC,
      {},
      'vpc: expected private subnets with egress, got public ones only',
    ],
    [
      'a network of public subnets is refused with endpoints too',
      PUBLIC,
      { endpoints: true },
      'vpc: expected isolated subnets for endpoints: true, got public ones only',
    ],
    [
      'a network without subnets is refused',
      { privateSubnetIds: [] },
      {},
      'vpc: expected private subnets with egress, got none',
    ],
  ])('%s', (_title, attributes, props, message) => {
    const stack = testStack();

    expect(() => networkIn(stack, { vpc: existingVpc(stack, attributes), ...props })).toThrow(message);
  });

  test('a network of private subnets is taken', () => {
    const stack = testStack();

    const { made } = networkIn(stack, { vpc: existingVpc(stack) });

    expect(made.vpcSubnets).toEqual({ subnetType: PRIVATE_WITH_EGRESS });
  });
});

describe('a choice of subnets of another network', () => {
  test('is refused if the app makes both networks', () => {
    const stack = testStack();
    const other = new ec2.Vpc(stack, 'Other');
    const vpcSubnets = { subnets: other.privateSubnets };

    expect(() => networkIn(stack, { vpc: new ec2.Vpc(stack, 'Vpc'), vpcSubnets })).toThrow(
      'vpcSubnets: expected subnets of Test/Vpc, got Test/Other/PrivateSubnet1 of another network',
    );
  });

  test('is refused if one network exists already', () => {
    const stack = testStack();
    const vpcSubnets = { subnets: new ec2.Vpc(stack, 'Other').privateSubnets };

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcSubnets })).toThrow(
      'vpcSubnets: expected subnets of Test/Existing, got Test/Other/PrivateSubnet1 of another network',
    );
  });

  test('is accepted if the subnets are unknown at synth, as long as their zones are known', () => {
    const stack = testStack();
    const subnets = ['a', 'b'].map((zone) =>
      ec2.Subnet.fromSubnetAttributes(stack, zone, {
        subnetId: `subnet-${zone}`,
        availabilityZone: `eu-west-1${zone}`,
      }),
    );

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcSubnets: { subnets } })).not.toThrow();
  });
});

describe('a choice of subnets', () => {
  test('is refused if it names public subnets by their type', () => {
    const stack = testStack();
    const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };

    expect(() => networkIn(stack, { vpc: existingVpc(stack, PUBLIC), vpcSubnets })).toThrow(
      `vpcSubnets: ${WITHOUT_PUBLIC}`,
    );
  });

  test('is refused if one of its subnets is public', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const subnets = [...vpc.privateSubnets.slice(0, 1), ...vpc.publicSubnets.slice(1)];

    expect(() => networkIn(stack, { vpc, vpcSubnets: { subnets } })).toThrow(`vpcSubnets: ${WITHOUT_PUBLIC}`);
  });

  test('is refused if a subnet that was imported by its id is one of the public ones', () => {
    const stack = testStack();
    const vpc = existingVpc(stack, { ...PUBLIC, privateSubnetIds: ['subnet-3', 'subnet-4'] });
    const subnets = [
      ['subnet-3', 'eu-west-1a'],
      ['subnet-2', 'eu-west-1b'],
    ].map(([subnetId = '', availabilityZone = '']) =>
      ec2.Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, availabilityZone }),
    );

    expect(() => networkIn(stack, { vpc, vpcSubnets: { subnets } })).toThrow(`vpcSubnets: ${WITHOUT_PUBLIC}`);
  });

  test("is refused by the construct's own error if the network has none of its kind", () => {
    const stack = testStack();
    const vpcSubnets = { subnetType: PRIVATE_ISOLATED };

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcSubnets })).toThrow(
      'vpcSubnets: expected a choice among the subnets of Test/Existing (private with egress ones), got a selection that matches none',
    );
  });

  test('is refused if filters leave nothing of it', () => {
    const stack = testStack();
    const vpcSubnets = { subnetFilters: [ec2.SubnetFilter.byIds(['subnet-9'])] };

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcSubnets })).toThrow(
      'vpcSubnets: expected a choice among the subnets of Test/Existing (private with egress ones), got a selection that matches none',
    );
  });

  test('of isolated subnets without endpoints is taken with a warning: the network has to have its own', () => {
    const stack = testStack();

    networkIn(stack, { vpc: existingVpc(stack, ISOLATED), vpcSubnets: { subnetType: PRIVATE_ISOLATED } });

    Annotations.fromStack(stack).hasWarning(
      '/Test/Network',
      Match.stringLikeRegexp('isolated subnets without endpoints of the vault'),
    );
  });
});
