import { describe, expect, test } from '@jest/globals';
import { templateOf } from './support';

const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };
const FN = {
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'f', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: '' } },
};
describe('an endpoint', () => {
  const Vpc = { Type: 'AWS::EC2::VPC' };
  const Subnet = { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' } } };
  const endpoint = (properties: object) => ({
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.kms' },
      VpcId: { Ref: 'Vpc' },
      VpcEndpointType: 'Interface',
      SubnetIds: [{ Ref: 'Subnet' }],
      ...properties,
    },
  });
  const fn = (properties: object) => ({ ...FN, Properties: { ...FN.Properties, FunctionName: 'f', ...properties } });
  const inside = { VpcConfig: { SubnetIds: [{ Ref: 'Subnet' }], SecurityGroupIds: [] } };
  const DNS = {
    'Fn::Join': [
      '',
      [
        'https://',
        {
          'Fn::Select': [
            1,
            { 'Fn::Split': [':', { 'Fn::Select': [0, { 'Fn::GetAtt': ['Endpoint', 'DnsEntries'] }] }] },
          ],
        },
      ],
    ],
  };
  const withUrl = (name: string, url: unknown) => ({ ...inside, Environment: { Variables: { [name]: url } } });

  test.each([
    ['with private DNS, from its VPC', { PrivateDnsEnabled: true }, inside, ['Fn']],
    ['with private DNS, from outside', { PrivateDnsEnabled: true }, {}, []],
    ['without private DNS, without a variable', {}, inside, []],
    ['without private DNS, with its variable', {}, withUrl('AWS_ENDPOINT_URL_KMS', DNS), ['Fn']],
    ['without private DNS, with the variable for all services', {}, withUrl('AWS_ENDPOINT_URL', DNS), ['Fn']],
    [
      'without private DNS, with the variable of another service',
      {},
      withUrl('AWS_ENDPOINT_URL_SECRETS_MANAGER', DNS),
      [],
    ],
    [
      'without private DNS, with the URL of another host',
      {},
      withUrl('AWS_ENDPOINT_URL_KMS', 'https://kms.eu-central-1.amazonaws.com'),
      [],
    ],
    ['of another VPC', { PrivateDnsEnabled: true, VpcId: 'vpc-9', SubnetIds: [] }, inside, []],
    [
      'of a VPC outside of the template, with a common subnet',
      { PrivateDnsEnabled: true, VpcId: 'vpc-9', SubnetIds: ['subnet-9'] },
      { VpcConfig: { SubnetIds: ['subnet-9'], SecurityGroupIds: [] } },
      ['Fn'],
    ],
    ['that is a gateway', { VpcEndpointType: 'Gateway' }, inside, ['Fn']],
  ])('%s carries the calls of the expected functions', (_, endpointProperties, functionProperties, expected) => {
    const Endpoint = endpoint(endpointProperties);
    const vault = templateOf({ Role: ROLE, Vpc, Subnet, Endpoint, Fn: fn(functionProperties) });

    expect(vault.endpoints()[0]).toMatchObject({ service: 'kms', functions: expected });
  });

  test('without a policy has an undefined policy', () => {
    expect(templateOf({ Vpc, Subnet, Endpoint: endpoint({}) }).endpoints()[0]?.policy).toBeUndefined();
  });

  test('with an invalid service name is refused', () => {
    const vault = templateOf({ Vpc, Subnet, Endpoint: endpoint({ ServiceName: 'kms' }) });

    expect(() => vault.endpoints()).toThrow(
      'Resources.Endpoint.Properties.ServiceName: expected com.amazonaws.REGION.SERVICE',
    );
  });
});
