import { describe, expect, test } from '@jest/globals';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Fn, type Stack } from 'aws-cdk-lib';
import type { VaultNetworkProps } from '../../lib/vault-network';
import { existingVpc, networkIn, untypedNetwork } from '../support/network';
import { testStack } from '../support/synth';

const EU = { env: { account: '111111111111', region: 'eu-west-1' } };
const PRIVATE = 'expected a private block (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10)';
const MALFORMED = 'cidr: expected a block of addresses like 10.0.0.0/24';

describe('the address range of an own network', () => {
  test.each([
    ['10.0.0.0/16', '10.0.0.0/17'],
    ['10.255.0.0/27', '10.255.0.0/28'],
    ['172.31.255.0/24', '172.31.255.0/25'],
    ['192.168.0.0/16', '192.168.0.0/17'],
    ['100.64.0.0/24', '100.64.0.0/25'],
    ['100.127.255.0/24', '100.127.255.0/25'],
  ])('%s is accepted, and its first subnet is %s', (cidr, CidrBlock) => {
    networkIn(testStack(), { cidr }).template().hasResourceProperties('AWS::EC2::Subnet', { CidrBlock });
  });

  test.each([
    ['8.8.8.0/24', `cidr: ${PRIVATE}, got 8.8.8.0/24`],
    ['172.32.0.0/16', PRIVATE],
    ['172.15.0.0/16', PRIVATE],
    ['192.169.0.0/16', PRIVATE],
    ['100.63.255.0/24', PRIVATE],
    ['100.128.0.0/16', PRIVATE],
    ['169.254.0.0/16', PRIVATE],
    ['127.0.0.0/16', PRIVATE],
    ['198.19.0.0/16', PRIVATE],
    ['10.0.0.0/8', 'cidr: expected /16 to /27, for a subnet of /28 or larger in each of 2 zones, got /8'],
    ['10.0.0.0/15', 'cidr: expected /16 to /27'],
    ['10.0.0.0/28', 'cidr: expected /16 to /27'],
    ['10.0.0.0/29', 'cidr: expected /16 to /27'],
    ['10.0.0.5/24', 'cidr: expected the first address of its block, 10.0.0.0/24, got 10.0.0.5/24'],
    ['10.0.0.128/24', 'cidr: expected the first address of its block, 10.0.0.0/24'],
    ['10.0.0.0', MALFORMED],
    ['10.0.0/24', MALFORMED],
    ['10.0.0.256/24', MALFORMED],
    ['010.0.0.0/24', MALFORMED],
    ['10.0.0.0/33', MALFORMED],
    ['10.0.0.0/024', MALFORMED],
    ['10.0.0.0/24 ', MALFORMED],
    ['fd00::/56', MALFORMED],
    ['', MALFORMED],
  ])('"%s" is refused at synth', (cidr, message) => {
    expect(() => networkIn(testStack(), { cidr })).toThrow(message);
  });

  test('a range of /27 is refused for three zones, of which each subnet would have eight addresses', () => {
    const availabilityZones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

    expect(() => networkIn(testStack(), { cidr: '10.0.0.0/27', availabilityZones })).toThrow(
      'cidr: expected /16 to /26, for a subnet of /28 or larger in each of 3 zones, got /27',
    );
  });

  test('a token is refused, since subnets are cut from it at synth', () => {
    expect(() => networkIn(testStack(), { cidr: Fn.importValue('range') })).toThrow(
      'cidr: expected a literal block of addresses, got a token',
    );
  });
});

describe('the zones of an own network', () => {
  test.each<[string, unknown, string]>([
    ['none', [], 'availabilityZones: expected at least two zones, got 0'],
    ['one', ['eu-west-1a'], 'availabilityZones: expected at least two zones, got 1'],
    ['one twice', ['eu-west-1a', 'eu-west-1a'], 'availabilityZones: expected different zones, got eu-west-1a twice'],
    [
      'of another region',
      ['us-east-1a', 'us-east-1b'],
      'availabilityZones: expected zones of eu-west-1, got us-east-1a',
    ],
    ["by AWS's ids", ['euw1-az1', 'euw1-az2'], 'availabilityZones: expected names like eu-west-1a, got "euw1-az1"'],
    ['a region', ['eu-west-1', 'eu-west-1'], 'availabilityZones: expected names like eu-west-1a, got "eu-west-1"'],
    ['a list token', Fn.getAzs(), 'availabilityZones: expected a literal list, got a list token: omit it'],
    ['a text', 'eu-west-1a', 'availabilityZones: expected a list of names, got "eu-west-1a"'],
    ['null', null, 'availabilityZones: expected a list of names, got null'],
    ['undefined names', [undefined, undefined], 'availabilityZones: expected names like eu-west-1a, got undefined'],
    [
      'imported tokens',
      [Fn.importValue('one'), Fn.importValue('two')],
      'availabilityZones: expected literal names, or elements of Fn.getAzs, got tokens with zones that are unknown at synth',
    ],
    [
      'a literal name beside a token',
      ['eu-west-1a', Fn.select(0, Fn.getAzs())],
      'availabilityZones: expected literal names, or elements of Fn.getAzs',
    ],
  ])('are refused as %s', (_how, availabilityZones, message) => {
    const props = { availabilityZones } as Partial<VaultNetworkProps>;

    expect(() => networkIn(testStack(EU), props)).toThrow(message);
  });

  test.each(['eusc-de-east-1', 'us-iso-west-1'])('are accepted in %s, whose name has another form', (region) => {
    const availabilityZones = [`${region}a`, `${region}b`];
    const stack = testStack({ env: { account: '111111111111', region } });

    networkIn(stack, { availabilityZones }).template().resourceCountIs('AWS::EC2::Subnet', 2);
  });

  test('are accepted as single tokens of the region’s own list', () => {
    const availabilityZones = [Fn.select(0, Fn.getAzs()), Fn.select(2, Fn.getAzs())];

    networkIn(testStack(), { availabilityZones }).template().resourceCountIs('AWS::EC2::Subnet', 2);
  });
});

describe('a choice that has no effect is refused', () => {
  const vpcIn = (stack: Stack) => ({ vpc: existingVpc(stack) });

  test.each<[string, (stack: Stack) => Partial<VaultNetworkProps>, string]>([
    ['cidr beside vpc', (stack) => ({ ...vpcIn(stack), cidr: '10.0.0.0/24' }), 'cidr: expected none together with vpc'],
    [
      'availabilityZones beside vpc',
      (stack) => ({ ...vpcIn(stack), availabilityZones: ['eu-west-1a', 'eu-west-1b'] }),
      'availabilityZones: expected none together with vpc',
    ],
    [
      'vpcSubnets without vpc',
      () => ({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }),
      'vpcSubnets: expected a vpc together with it, got none',
    ],
    ['vpcZones without vpc', () => ({ vpcZones: 2 }), 'vpcZones: expected a vpc together with it, got none'],
    [
      'no endpoints in an own network',
      () => ({ endpoints: false }),
      "endpoints: expected true in the vault's own network",
    ],
    [
      'endpoints in three of two zones',
      () => ({ endpointZones: 3 }),
      'endpointZones: expected at most 2, the zones of the network, got 3',
    ],
    [
      'endpoints in three of two zones of an existing network',
      (stack) => ({ vpc: existingVpc(stack), endpointZones: 3 }),
      'endpointZones: expected at most 2, the zones of the network, got 3',
    ],
  ])('%s', (_what, props, message) => {
    const stack = testStack();

    expect(() => networkIn(stack, props(stack))).toThrow(message);
  });
});

describe('values that TypeScript would refuse are refused for JavaScript callers too', () => {
  test.each<[string, object, string]>([
    ['cidr: null', { cidr: null }, 'cidr: expected a block of addresses like 10.0.0.0/24, got null'],
    ['cidr: 24', { cidr: 24 }, 'cidr: expected a block of addresses like 10.0.0.0/24, got 24'],
    ["vpc: 'vpc-1'", { vpc: 'vpc-1' }, 'vpc: expected a network of the CDK, got "vpc-1"'],
    ['vpc: null', { vpc: null }, 'vpc: expected a network of the CDK, got null'],
    ['vpc: {}', { vpc: {} }, 'vpc: expected a network of the CDK, got an object'],
    ["endpoints: 'false'", { endpoints: 'false' }, 'endpoints: expected true or false, got "false"'],
    ['endpoints: null', { endpoints: null }, 'endpoints: expected true or false, got null'],
    ['consumerEndpoint: 1', { consumerEndpoint: 1 }, 'consumerEndpoint: expected true or false, got 1'],
    ["endpointZones: '2'", { endpointZones: '2' }, 'endpointZones: expected a whole number from 1 to 3'],
    ['endpointZones: null', { endpointZones: null }, 'endpointZones: expected a whole number from 1 to 3'],
  ])('%s', (_what, props, message) => {
    expect(() => untypedNetwork(props)).toThrow(message);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'Isolated', '"Isolated"'],
    ['null', null, 'null'],
    ['a list of subnets, from which the CDK would choose none', [], 'a list'],
  ])('vpcSubnets as %s', (_what, vpcSubnets, got) => {
    const stack = testStack();
    const props: object = { vpc: existingVpc(stack), vpcSubnets };

    expect(() => networkIn(stack, props)).toThrow(
      `vpcSubnets: expected a selection such as { subnets: […] }, got ${got}`,
    );
  });

  test('every option as undefined is the same as none', () => {
    const options = ['vpc', 'vpcSubnets', 'vpcZones', 'availabilityZones', 'cidr', 'endpoints', 'endpointZones'];
    const props = Object.fromEntries([...options, 'consumerEndpoint'].map((name) => [name, undefined]));

    expect(untypedNetwork(props).ownsEndpoints).toBe(true);
  });
});
