import { describe, expect, test } from '@jest/globals';
import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { valuesOf } from '../support/resources';
import { existingVpc, networkIn } from '../support/network';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const TWO = 'expected subnets in at least two availability zones, which RDS requires of a database';
const UNKNOWN = 'vpcZones: expected the number of zones of the chosen subnets, which are unknown at synth, got none';
const ENVIRONMENTS = ['dev', 'staging', 'prod'];

function subnet(stack: Stack, subnetId: string, availabilityZone?: string): ec2.ISubnet {
  const known = availabilityZone === undefined ? {} : { availabilityZone };
  return ec2.Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, ...known });
}

describe('the zones of the chosen subnets', () => {
  test.each(ENVIRONMENTS)('two subnets of one zone are refused in %s', (environment) => {
    const stack = testStack();
    const vpc = existingVpc(stack, { availabilityZones: ['eu-west-1a'] });

    expect(() => networkIn(stack, { environment, vpc })).toThrow(`vpc: ${TWO}, got 1 (eu-west-1a)`);
  });

  test.each(ENVIRONMENTS)('a network of one zone is refused in %s', (environment) => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });

    expect(() => networkIn(stack, { environment, vpc })).toThrow(`vpc: ${TWO}, got 1`);
  });

  test('a choice of two subnets of one zone is refused in a network of two', () => {
    const stack = testStack();
    const subnets = [subnet(stack, 'one', 'eu-west-1a'), subnet(stack, 'two', 'eu-west-1a')];

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcSubnets: { subnets } })).toThrow(
      `vpcSubnets: ${TWO}, got 1 (eu-west-1a)`,
    );
  });

  test('an own network in a stack of one zone is refused', () => {
    class OneZone extends Stack {
      public override get availabilityZones(): string[] {
        return ['eu-west-1a'];
      }
    }

    expect(() => networkIn(new OneZone(cdkApp(), 'One'))).toThrow(`${TWO}, got 1 (eu-west-1a)`);
  });

  test('each endpoint takes one subnet a zone, however many the zone has', () => {
    const stack = testStack();
    const subnets = [
      subnet(stack, 'a1', 'eu-west-1a'),
      subnet(stack, 'a2', 'eu-west-1a'),
      subnet(stack, 'b1', 'eu-west-1b'),
    ];

    const { template } = networkIn(stack, {
      ...{ vpc: existingVpc(stack), vpcSubnets: { subnets }, endpoints: true, consumerEndpoint: true },
    });

    expect(valuesOf(template(), 'AWS::EC2::VPCEndpoint', 'SubnetIds')).toEqual([
      ['a1', 'b1'],
      ['a1', 'b1'],
      ['a1', 'b1'],
    ]);
  });

  test('a network that synth has not looked up yet is not refused', () => {
    const stack = testStack({ env: { account: '111111111111', region: 'eu-west-1' } });
    const vpc = ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0' });
    const vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };

    expect(() => networkIn(stack, { vpc, vpcSubnets, endpoints: true, endpointZones: 3 })).not.toThrow();
  });
});

describe('zones that are unknown at synth', () => {
  const zones: readonly [string, (stack: Stack) => string[]][] = [
    ['Fn.getAzs', () => Fn.getAzs()],
    ['an imported list', () => Fn.split(',', Fn.importValue('zones'))],
    ['elements of an imported list', () => Fn.split(',', Fn.importValue('zones'), 2)],
    ['a parameter', (stack) => new CfnParameter(stack, 'Zones', { type: 'CommaDelimitedList' }).valueAsList],
  ];

  test.each(zones)('%s: prod is refused by that reason, and not for one zone', (_what, zonesOf) => {
    const stack = testStack();
    const vpc = existingVpc(stack, { availabilityZones: zonesOf(stack), privateSubnetIds: ['one', 'two'] });

    expect(() => testVault({ environment: 'prod', vpc }, stack)).toThrow(UNKNOWN);
  });

  test.each(zones)(
    '%s: prod is accepted with vpcZones, and its endpoints take the first two subnets',
    (_what, zonesOf) => {
      const stack = testStack();
      const privateSubnetIds = ['subnet-1', 'subnet-2', 'subnet-3', 'subnet-4'];
      const vpc = existingVpc(stack, { availabilityZones: zonesOf(stack), privateSubnetIds });
      const vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };

      const { template } = testVault({ environment: 'prod', vpc, vpcSubnets, vpcZones: 2, endpoints: true }, stack);

      expect(valuesOf(template(), 'AWS::EC2::VPCEndpoint', 'SubnetIds')).toEqual([
        ['subnet-1', 'subnet-2'],
        ['subnet-1', 'subnet-2'],
      ]);
    },
  );

  test('endpoints are refused in every environment without vpcZones, since each takes one subnet a zone', () => {
    const stack = testStack();
    const vpc = existingVpc(stack, { availabilityZones: Fn.getAzs() });
    const vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };

    expect(() => networkIn(stack, { vpc, vpcSubnets, endpoints: true })).toThrow(UNKNOWN);
  });

  test('another environment without endpoints is warned, since RDS itself refuses one zone at deploy', () => {
    const stack = testStack();
    networkIn(stack, { vpc: existingVpc(stack, { availabilityZones: Fn.getAzs() }) });

    Annotations.fromStack(stack).hasWarning('/Test/Network', Match.stringLikeRegexp('zones of the chosen subnets'));
  });

  test('vpcZones removes the warning', () => {
    const stack = testStack();
    networkIn(stack, { vpc: existingVpc(stack, { availabilityZones: Fn.getAzs() }), vpcZones: 2 });

    Annotations.fromStack(stack).hasNoWarning('/Test/Network', Match.anyValue());
  });

  test('subnets that come as a list token are taken from it one by one for endpoints', () => {
    const stack = testStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: Fn.importValue('vpc'),
      availabilityZones: Fn.split(',', Fn.importValue('zones')),
      isolatedSubnetIds: Fn.split(',', Fn.importValue('subnets')),
    });
    const from = (index: number) => ({
      'Fn::Select': [index, { 'Fn::Split': [',', { 'Fn::ImportValue': 'subnets' }] }],
    });

    const { template } = networkIn(stack, { environment: 'prod', vpc, endpoints: true, vpcZones: 3, endpointZones: 2 });

    expect(valuesOf(template(), 'AWS::EC2::VPCEndpoint', 'SubnetIds')).toEqual([
      [from(0), from(1)],
      [from(0), from(1)],
    ]);
  });

  test('subnets that are imported only by id have no known zone', () => {
    const stack = testStack();
    const vpcSubnets = { subnets: [subnet(stack, 'one'), subnet(stack, 'two')] };
    const vpc = existingVpc(stack);

    expect(() => networkIn(stack, { environment: 'prod', vpc, vpcSubnets })).toThrow(UNKNOWN);
  });

  test('one subnet is refused by an error without its zone', () => {
    const stack = testStack();
    const vpc = existingVpc(stack, { availabilityZones: Fn.getAzs(), privateSubnetIds: ['one'] });

    expect(() => networkIn(stack, { vpc })).toThrow(`vpc: ${TWO}, got 1`);
  });
});

describe('vpcZones', () => {
  test.each([
    [1, 'vpcZones: expected a whole number from 2 to 6, got 1'],
    [7, 'vpcZones: expected a whole number from 2 to 6, got 7'],
    [3, 'vpcZones: expected 2 or none, since the zones are known (eu-west-1a, eu-west-1b), got 3'],
  ])('of %d is refused for two known zones', (vpcZones, message) => {
    const stack = testStack();

    expect(() => networkIn(stack, { vpc: existingVpc(stack), vpcZones })).toThrow(message);
  });

  test('is refused if there are fewer subnets than zones', () => {
    const stack = testStack();
    const vpc = existingVpc(stack, { availabilityZones: Fn.getAzs() });

    expect(() => networkIn(stack, { vpc, vpcZones: 3 })).toThrow(
      'vpcZones: expected at most 2, the number of chosen subnets, got 3',
    );
  });
});
