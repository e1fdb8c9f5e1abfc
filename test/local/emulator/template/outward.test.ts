import { describe, expect, test } from '@jest/globals';
import { templateOf } from './support';

const ref = (Ref: string) => ({ Ref });
const idOf = (group: string) => ({ 'Fn::GetAtt': [group, 'GroupId'] });
/** The CDK's rule for no egress: a group without egress rules allows all egress. */
const NOWHERE = { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };
const port = (number: number) => ({ IpProtocol: 'tcp', FromPort: number, ToPort: number });
const HTTPS = { CidrIp: '0.0.0.0/0', ...port(443) };
const HOST = 'keys.cloud.example';

const fn = (properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'f',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile: '' },
    VpcConfig: { SubnetIds: [ref('Subnet')], SecurityGroupIds: [idOf('Group')] },
    ...properties,
  },
});
const group = (egress: readonly object[], ingress: readonly object[] = []) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { VpcId: ref('Vpc'), SecurityGroupEgress: egress, SecurityGroupIngress: ingress },
});
const out = (target: object) => ({
  Route: {
    Type: 'AWS::EC2::Route',
    Properties: { RouteTableId: ref('Table'), DestinationCidrBlock: '0.0.0.0/0', ...target },
  },
});
const NAT = out({ NatGatewayId: 'nat-1' });
const firewall = (...Targets: readonly string[]) => ({
  ...out({
    VpcEndpointId: {
      'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::Select': [0, { 'Fn::GetAtt': ['Firewall', 'EndpointIds'] }] }] }],
    },
  }),
  Firewall: { Type: 'AWS::NetworkFirewall::Firewall', Properties: {} },
  Rules: {
    Type: 'AWS::NetworkFirewall::RuleGroup',
    Properties: { RuleGroup: { RulesSource: { RulesSourceList: { GeneratedRulesType: 'ALLOWLIST', Targets } } } },
  },
});
/** An endpoint for the host, and a private zone that leads to it. */
const link = (name: string, egress = [{ DestinationSecurityGroupId: idOf('Door'), ...port(443) }]) => ({
  Group: group(egress),
  Door: group([NOWHERE], [{ SourceSecurityGroupId: idOf('Group'), ...port(443) }]),
  Endpoint: {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      ServiceName: 'com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0',
      VpcId: ref('Vpc'),
      VpcEndpointType: 'Interface',
      SubnetIds: [ref('Subnet')],
      SecurityGroupIds: [idOf('Door')],
    },
  },
  Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: name } },
});

/** Replaces the service of a link's endpoint. */
function endpointOf({ Endpoint, ...others }: ReturnType<typeof link>, ServiceName: string) {
  return { ...others, Endpoint: { ...Endpoint, Properties: { ...Endpoint.Properties, ServiceName } } };
}

/** A function in a subnet without a route out. */
const ISOLATED = {
  Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } },
  Vpc: { Type: 'AWS::EC2::VPC' },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref('Vpc') } },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  Association: {
    Type: 'AWS::EC2::SubnetRouteTableAssociation',
    Properties: { SubnetId: ref('Subnet'), RouteTableId: ref('Table') },
  },
  Group: group([HTTPS]),
  Fn: fn(),
};

function obstacle(resources: Readonly<Record<string, unknown>>, port = 443): string | undefined {
  const template = templateOf({ ...ISOLATED, ...resources });
  const [part] = template.functions();
  if (part === undefined) throw new Error('expected a function, got none');
  return template.outwardObstacle(part, { host: HOST, port });
}

describe('a function reaches a host outside AWS', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['from outside of any VPC', { Fn: fn({ VpcConfig: undefined }) }],
    ['through a NAT gateway', NAT],
    ['from a subnet that the template lacks', { Fn: fn({ VpcConfig: { SubnetIds: ['subnet-1'] } }) }],
    [
      'by a proxy in its variables',
      { Fn: fn({ Environment: { Variables: { HTTPS_PROXY: 'http://10.0.0.9:3128' } } }) },
    ],
    ['through a firewall that lists the host', firewall('other.example', HOST)],
    ['through a firewall that lists a domain of the host', firewall('.cloud.example')],
    ['through an endpoint to which a private zone leads', link(`${HOST}.`)],
  ])('%s', (_title, resources) => {
    expect(obstacle(resources)).toBeUndefined();
  });
});

describe('a function does not reach a host outside AWS', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['from an isolated subnet', {}, 'expected a way out of its subnets (Subnet), got none'],
    [
      'from a subnet with a route to an internet gateway, because functions have no public address',
      { Gateway: { Type: 'AWS::EC2::InternetGateway' }, ...out({ GatewayId: ref('Gateway') }) },
      'expected a way out of its subnets (Subnet), got none',
    ],
    [
      'by a security group without egress',
      { ...NAT, Group: group([NOWHERE]) },
      'expected a security group that allows egress on port 443, got none',
    ],
    [
      'through a firewall that lists a longer name',
      firewall(`x.${HOST}`),
      "expected the host in the firewall's list, got others",
    ],
    [
      'through a firewall that lists another domain with the same end',
      firewall('oud.example'),
      "expected the host in the firewall's list, got others",
    ],
    [
      "through another host's private zone",
      link('vault.example'),
      'expected a way out of its subnets (Subnet), got none',
    ],
    [
      'through an endpoint that its security group does not reach',
      link(HOST, [{ DestinationSecurityGroupId: idOf('Group'), ...port(443) }]),
      'expected security groups that allow it to reach an endpoint on port 443, got none',
    ],
    [
      'through an endpoint whose security group does not admit it',
      { ...link(HOST), Door: group([NOWHERE], [{ SourceSecurityGroupId: idOf('Door'), ...port(443) }]) },
      'expected security groups that allow it to reach an endpoint on port 443, got none',
    ],
    [
      'through an endpoint of a service of AWS, although it reaches that endpoint',
      endpointOf(link(HOST), 'com.amazonaws.eu-central-1.kms'),
      'expected security groups that allow it to reach an endpoint on port 443, got none',
    ],
  ])('%s', (_title, resources, problem) => {
    expect(obstacle(resources)).toBe(`function Fn has no route to ${HOST}:443: ${problem}`);
  });
});

test('egress on port 443 reaches no host on port 8200', () => {
  expect(obstacle(NAT, 8200)).toMatch('expected a security group that allows egress on port 8200, got none');
});
