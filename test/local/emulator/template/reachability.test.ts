import { describe, expect, test } from '@jest/globals';
import { templateOf } from './support';

const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };
const ref = (Ref: string) => ({ Ref });
const idOf = (group: string) => ({ 'Fn::GetAtt': [group, 'GroupId'] });
/** The CDK's rule for no egress: a group without egress rules allows all egress. */
const NOWHERE = { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };
const EVERYWHERE = { CidrIp: '0.0.0.0/0', IpProtocol: '-1' };
const HTTPS = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };

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
const group = (egress: readonly object[] = [EVERYWHERE], ingress: readonly object[] = []) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { VpcId: ref('Vpc'), SecurityGroupEgress: egress, SecurityGroupIngress: ingress },
});
const endpoint = (properties: object = {}) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: {
    ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.lambda' },
    VpcId: ref('Vpc'),
    VpcEndpointType: 'Interface',
    PrivateDnsEnabled: true,
    SubnetIds: [ref('Subnet')],
    SecurityGroupIds: [idOf('Door')],
    ...properties,
  },
});
const route = (properties: object) => ({
  Type: 'AWS::EC2::Route',
  Properties: { RouteTableId: ref('Table'), DestinationCidrBlock: '0.0.0.0/0', ...properties },
});
const rule = (direction: 'Ingress' | 'Egress', properties: object) => ({
  Type: `AWS::EC2::SecurityGroup${direction}`,
  Properties: { ...HTTPS, ...properties },
});

/** A function in a subnet without a route out. */
const ISOLATED = {
  Role: ROLE,
  Vpc: { Type: 'AWS::EC2::VPC' },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref('Vpc') } },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  Association: {
    Type: 'AWS::EC2::SubnetRouteTableAssociation',
    Properties: { SubnetId: ref('Subnet'), RouteTableId: ref('Table') },
  },
  Gateway: { Type: 'AWS::EC2::InternetGateway' },
  Group: group(),
  Door: group([NOWHERE]),
  Fn: fn(),
};
const ADMITTED = { Door: group([NOWHERE], [{ ...HTTPS, SourceSecurityGroupId: idOf('Group') }]) };

function obstacle(resources: Readonly<Record<string, unknown>>, service = 'lambda'): string | undefined {
  const template = templateOf({ ...ISOLATED, ...resources });
  return template.reachability().obstacle(template.functions()[0]?.arn ?? '', service);
}

describe('a function reaches Lambda', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['from outside of any VPC', { Fn: fn({ VpcConfig: undefined }) }],
    ['through a NAT gateway', { Route: route({ NatGatewayId: 'nat-1' }) }],
    ['through a transit gateway', { Route: route({ TransitGatewayId: { 'Fn::ImportValue': 'elsewhere' } }) }],
    ['from a subnet that the template lacks', { Fn: fn({ VpcConfig: { SubnetIds: ['subnet-1'] } }) }],
    ['through an endpoint that admits its group', { ...ADMITTED, Endpoint: endpoint() }],
    [
      'through an endpoint that admits it by a rule of its own',
      {
        Endpoint: endpoint(),
        Rule: rule('Ingress', { GroupId: idOf('Door'), SourceSecurityGroupId: idOf('Group') }),
      },
    ],
    [
      'through an endpoint that admits addresses',
      { Endpoint: endpoint(), Door: group([NOWHERE], [{ ...HTTPS, CidrIp: { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] } }]) },
    ],
    [
      'by a rule that allows egress only to the endpoint',
      {
        ...ADMITTED,
        Endpoint: endpoint(),
        Group: group([NOWHERE]),
        Rule: rule('Egress', { GroupId: idOf('Group'), DestinationSecurityGroupId: idOf('Door') }),
      },
    ],
    [
      'through an endpoint with a group that the template lacks',
      { Endpoint: endpoint({ SecurityGroupIds: ['sg-1'] }) },
    ],
  ])('%s', (_how, resources) => {
    expect(obstacle(resources)).toBeUndefined();
  });
});

describe('a function does not reach Lambda', () => {
  const NO_ENDPOINT =
    'function Fn has no route to lambda: expected a NAT gateway for its subnets (Subnet), or an endpoint for lambda in their VPC, got neither';
  const CLOSED = 'expected security groups that allow function Fn to reach endpoint Endpoint on port 443, got none';

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['from a subnet without a route', {}, NO_ENDPOINT],
    [
      'from a subnet without a route table',
      { Association: undefined, Route: route({ NatGatewayId: 'nat-1' }) },
      NO_ENDPOINT,
    ],
    [
      'from a public subnet, since it has no public address',
      { Route: route({ GatewayId: ref('Gateway') }) },
      NO_ENDPOINT,
    ],
    [
      'over a route to another network',
      { Route: route({ TransitGatewayId: 'tgw-1', DestinationCidrBlock: '10.1.0.0/16' }) },
      NO_ENDPOINT,
    ],
    [
      'through an endpoint for another service',
      { Endpoint: endpoint({ ServiceName: 'com.amazonaws.eu-central-1.kms' }) },
      NO_ENDPOINT,
    ],
    ['through an endpoint of another VPC', { Endpoint: endpoint({ VpcId: 'vpc-9', SubnetIds: [] }) }, NO_ENDPOINT],
    [
      'through an endpoint without private DNS, without the variable of its address',
      { ...ADMITTED, Endpoint: endpoint({ PrivateDnsEnabled: false }) },
      'function Fn has no route to lambda: expected AWS_ENDPOINT_URL_LAMBDA with the address of endpoint Endpoint, which has no private DNS name, got none',
    ],
    ['through an endpoint that admits no group', { Endpoint: endpoint() }, CLOSED],
    [
      'through an endpoint that admits no group, despite a NAT gateway, since private DNS resolves to the endpoint',
      { Endpoint: endpoint(), Route: route({ NatGatewayId: 'nat-1' }) },
      CLOSED,
    ],
    [
      'through an endpoint that admits another port',
      { Endpoint: endpoint(), Door: group([NOWHERE], [{ ...HTTPS, FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' }]) },
      CLOSED,
    ],
    [
      'through an endpoint that admits IPv6 only',
      { Endpoint: endpoint(), Door: group([NOWHERE], [{ ...HTTPS, CidrIpv6: '::/0' }]) },
      CLOSED,
    ],
    ['from a group without egress', { ...ADMITTED, Endpoint: endpoint(), Group: group([NOWHERE]) }, CLOSED],
    [
      'through a NAT gateway, from a group without egress',
      { Route: route({ NatGatewayId: 'nat-1' }), Group: group([NOWHERE]) },
      'function Fn has no route to lambda: expected a security group that allows egress on port 443, got none',
    ],
  ])('%s', (_how, resources, message) => {
    const given = Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
    const { Association: _, ...unassociated } = ISOLATED;
    const base = 'Association' in resources ? unassociated : ISOLATED;
    const template = templateOf({ ...base, ...given });

    expect(template.reachability().obstacle(template.functions()[0]?.arn ?? '', 'lambda')).toContain(message);
  });

  test('if one of its two subnets has no route', () => {
    const Second = { Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref('Vpc') } };
    const VpcConfig = { SubnetIds: [ref('Subnet'), ref('Second')], SecurityGroupIds: [idOf('Group')] };

    expect(obstacle({ Second, Route: route({ NatGatewayId: 'nat-1' }), Fn: fn({ VpcConfig }) })).toContain(
      'expected a NAT gateway for its subnets (Second)',
    );
  });
});

test('an unknown function has no obstacle', () => {
  expect(
    templateOf(ISOLATED).reachability().obstacle('arn:aws:lambda:eu-central-1:1:function:x', 'kms'),
  ).toBeUndefined();
});

describe('the services that a function may call but does not reach', () => {
  const policy = (Action: string | readonly string[], Effect = 'Allow') => ({
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'p',
      Roles: [ref('Role')],
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*' }] },
    },
  });

  test.each<[string, object, readonly string[]]>([
    ['are those whose actions its role allows', policy(['lambda:InvokeFunction', 'kms:Decrypt']), ['kms', 'lambda']],
    ['are none that its role only denies', policy('lambda:*', 'Deny'), []],
    ['are none that Lambda calls for the function', policy('logs:PutLogEvents'), []],
  ])('%s', (_what, Policy, services) => {
    const unreachable = templateOf({ ...ISOLATED, Policy })
      .reachability()
      .unreachable();

    expect(unreachable.map(({ service }) => service)).toEqual(services);
    expect(unreachable.every(({ logicalId }) => logicalId === 'Fn')).toBe(true);
  });
});
