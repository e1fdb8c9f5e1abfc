import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { StorageKey } from '../../lib/storage-key';
import { VaultNetwork, type VaultNetworkProps } from '../../lib/vault-network';
import { valuesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

function network(props: Partial<VaultNetworkProps> = {}, stack = testStack()) {
  const storageKey = new StorageKey(stack, 'StorageKey', { environment: 'prod' });
  const made = new VaultNetwork(stack, 'Network', { environment: 'prod', storageKey, ...props });
  return { stack, made, template: () => Template.fromStack(stack) };
}

function sharedNetwork(props: Partial<VaultNetworkProps> = {}) {
  const stack = testStack();
  return network({ vpc: new ec2.Vpc(stack, 'Shared'), ...props }, stack);
}

describe("a vault's own network", () => {
  test('has two isolated zones and no way to the internet', () => {
    const template = network().template();

    template.resourceCountIs('AWS::EC2::Subnet', 2);
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::Route', 0);
  });

  test('closes the default security group and keeps a flow log under the storage key', () => {
    const template = network().template();

    template.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
    template.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL', LogDestinationType: 'cloud-watch-logs' });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue(), RetentionInDays: 365 });
  });

  test('has endpoints for KMS and Secrets Manager in two zones, for nothing else', () => {
    const template = network().template();
    const endpoints = (property: string): readonly unknown[] => valuesOf(template, 'AWS::EC2::VPCEndpoint', property);

    expect(JSON.stringify(endpoints('ServiceName'))).toMatch(/\.kms.*\.secretsmanager/);
    expect(endpoints('SubnetIds')).toEqual([
      [expect.anything(), expect.anything()],
      [expect.anything(), expect.anything()],
    ]);
    expect(endpoints('PrivateDnsEnabled')).toEqual([true, true]);
  });

  test('has endpoints in one zone if endpointZones is 1', () => {
    network({ endpointZones: 1 })
      .template()
      .allResourcesProperties('AWS::EC2::VPCEndpoint', { SubnetIds: [Match.anyValue()] });
  });

  test("has endpoints that let nothing through by themselves, and no other account's credentials ever", () => {
    const statements = statementsOf(network().template(), 'AWS::EC2::VPCEndpoint');

    const closed = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: '*',
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': '${AWS::AccountId}' } },
    };
    expect(statements).toMatchObject([closed, closed]);
  });

  test('lets one role do one thing through an endpoint', () => {
    const { made, template } = network();

    made._allowCalls('kms', ['arn:aws:iam::111111111111:role/seal'], ['kms:GenerateDataKey'], ['arn:aws:kms:::key/1']);

    expect(statementsOf(template(), 'AWS::EC2::VPCEndpoint', 'NetworkEndpointkms')).toContainEqual({
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'kms:GenerateDataKey',
      Resource: 'arn:aws:kms:::key/1',
      Condition: { ArnEquals: { 'aws:PrincipalArn': ['arn:aws:iam::111111111111:role/seal'] } },
    });
  });

  test('lets functions reach only its endpoints, and no one reach functions', () => {
    const template = network().template();

    expect(valuesOf(template, 'AWS::EC2::SecurityGroupEgress', 'FromPort')).toEqual([443, 443]);
    expect(valuesOf(template, 'AWS::EC2::SecurityGroupEgress', 'CidrIp')).toEqual([undefined, undefined]);
    expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup'))).not.toContain(
      '0.0.0.0/0","Description":"Allow all',
    );
    expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroupIngress'))).not.toMatch(
      /"GroupId":\{"Fn::GetAtt":\["NetworkFunctions/,
    );
  });

  test('uses given zones, and then needs no look-up in AWS', () => {
    const stack = testStack({ env: { account: '111111111111', region: 'eu-west-1' } });

    network({ availabilityZones: ['dummy1a', 'dummy1b'] }, stack);

    Template.fromStack(stack).hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: 'dummy1b' });
  });

  test('has a Lambda endpoint for consumers if consumerEndpoint is true', () => {
    network({ consumerEndpoint: true }).template().resourceCountIs('AWS::EC2::VPCEndpoint', 3);
  });

  test('is refused without endpoints, which it would have no way to KMS without', () => {
    expect(() => network({ endpoints: false })).toThrow("endpoints: expected true in the vault's own network");
  });

  test.each([0, 4, 1.5])('is refused with endpoints in %d zones', (endpointZones) => {
    expect(() => network({ endpointZones })).toThrow('endpointZones: expected a whole number from 1 to 3');
  });
});

describe('a network that exists', () => {
  test('gets no endpoints and no network by default, and the functions only use port 443', () => {
    const { made, template } = sharedNetwork();

    template().resourceCountIs('AWS::EC2::VPC', 1);
    template().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    template().hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'share vault prod: functions',
      SecurityGroupEgress: [Match.objectLike({ FromPort: 443, ToPort: 443, IpProtocol: 'tcp' })],
    });
    expect(made.ownsEndpoints).toBe(false);
    expect(made.endpointVariables).toEqual({});
  });

  test('gets endpoints without a private DNS name if endpoints is true, and functions get their addresses', () => {
    const { stack, made, template } = sharedNetwork({
      endpoints: true,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    });

    template().allResourcesProperties('AWS::EC2::VPCEndpoint', { PrivateDnsEnabled: false });
    expect(Object.keys(made.endpointVariables)).toEqual(['AWS_ENDPOINT_URL_KMS', 'AWS_ENDPOINT_URL_SECRETS_MANAGER']);
    expect(JSON.stringify(stack.resolve(made.endpointVariables.AWS_ENDPOINT_URL_KMS))).toMatch(
      /https:\/\/.*DnsEntries/,
    );
  });
});
