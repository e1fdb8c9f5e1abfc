import { describe, expect, test } from '@jest/globals';
import { templateOf } from './support';

const ref = (Ref: string) => ({ Ref });
const idOf = (group: string) => ({ 'Fn::GetAtt': [group, 'GroupId'] });
const subnet = (vpc: string) => ({ Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref(vpc) } });
/** The CDK's rule for no egress: a group without egress rules allows all egress. */
const NOWHERE = { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };
const on = (port: unknown, peer: object) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peer });
const group = (egress?: readonly object[], ingress: readonly object[] = []) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: {
    VpcId: ref('Vpc'),
    ...(egress && { SecurityGroupEgress: egress }),
    SecurityGroupIngress: ingress,
  },
});
const fn = (VpcConfig?: object) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ FunctionName: 'f', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: '' } },
    ...(VpcConfig && { VpcConfig }),
  },
});
const cluster = (properties: object = {}) => ({
  Type: 'AWS::RDS::DBCluster',
  Properties: {
    ...{ Engine: 'aurora-postgresql', Port: 5433, DBSubnetGroupName: ref('Subnets') },
    VpcSecurityGroupIds: [idOf('Database')],
    ...properties,
  },
});

/** A function whose group reaches a cluster in the same VPC. */
const REACHED = {
  Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } },
  Vpc: { Type: 'AWS::EC2::VPC' },
  Other: { Type: 'AWS::EC2::VPC' },
  Subnet: subnet('Vpc'),
  Elsewhere: subnet('Other'),
  Subnets: { Type: 'AWS::RDS::DBSubnetGroup', Properties: { SubnetIds: [ref('Subnet')] } },
  Group: group([on(5433, { DestinationSecurityGroupId: idOf('Database') })]),
  Database: group([NOWHERE], [on(5433, { SourceSecurityGroupId: idOf('Group') })]),
  Cluster: cluster(),
  Fn: fn({ SubnetIds: [ref('Subnet')], SecurityGroupIds: [idOf('Group')] }),
};
const IN_OTHER_VPC = fn({ SubnetIds: [ref('Elsewhere')], SecurityGroupIds: [idOf('Group')] });

function obstacle(resources: Readonly<Record<string, unknown>> = {}): string | undefined {
  const given = Object.entries({ ...REACHED, ...resources }).filter(
    ([name]) => resources[name] !== undefined || !(name in resources),
  );
  const template = templateOf(Object.fromEntries(given));
  return template.reachability().obstacle(template.functions()[0]?.arn ?? '', 'rds-db');
}

describe('a function reaches a database', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['in the same VPC by rules between their groups', {}],
    [
      'by rules for the port that the cluster returns',
      {
        Group: group([on({ 'Fn::GetAtt': ['Cluster', 'Endpoint.Port'] }, { CidrIp: '0.0.0.0/0' })]),
        Database: group([NOWHERE], [on({ 'Fn::GetAtt': ['Cluster', 'Endpoint.Port'] }, { CidrIp: '10.0.0.0/16' })]),
      },
    ],
    ['on the default port of PostgreSQL', { Cluster: cluster({ Port: undefined }), Group: group(), Database: group([NOWHERE], [on(5432, { CidrIp: '10.0.0.0/16' })]) }], // prettier-ignore
    ['that has groups of another stack', { Cluster: cluster({ VpcSecurityGroupIds: ['sg-1'] }), Group: group() }],
    ['that has the default group of its VPC', { Cluster: cluster({ VpcSecurityGroupIds: undefined }) }],
    ['from subnets of another stack', { Fn: fn({ SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-2'] }), Database: group([NOWHERE], [on(5433, { CidrIp: '0.0.0.0/0' })]) }], // prettier-ignore
    ['in another VPC that a peering joins with its own', { Fn: IN_OTHER_VPC, Peering: { Type: 'AWS::EC2::VPCPeeringConnection', Properties: {} } }], // prettier-ignore
    ['with a public address from outside of any VPC', { Fn: fn(), Instance: { Type: 'AWS::RDS::DBInstance', Properties: { PubliclyAccessible: true } } }], // prettier-ignore
    ['if the template has none', { Cluster: undefined, Fn: fn() }],
  ])('%s', (_how, resources) => {
    expect(obstacle(resources)).toBeUndefined();
  });
});

describe('a function does not reach a database', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['from outside of any VPC', { Fn: fn() }, 'got one outside of any'],
    ['from another VPC', { Fn: IN_OTHER_VPC }, 'got one in another VPC that nothing joins with it'],
    [
      'from a group without egress to it',
      { Group: group([on(443, { CidrIp: '0.0.0.0/0' })]) },
      'expected a security group of the function that allows egress to the database on port 5433, got none',
    ],
    [
      'that admits another group only',
      { Database: group([NOWHERE], [on(5433, { SourceSecurityGroupId: 'sg-1' })]) },
      'expected a security group of the database that allows ingress from the function on port 5433, got none',
    ],
    [
      'that admits it on another port only',
      { Database: group([NOWHERE], [on(5432, { SourceSecurityGroupId: idOf('Group') })]) },
      'expected a security group of the database that allows ingress from the function on port 5433, got none',
    ],
  ])('%s', (_how, resources, message) => {
    expect(obstacle(resources)).toBe(
      `function Fn has no route to database Cluster: ${message.startsWith('got') ? `expected a function in the database's VPC, ${message}` : message}`,
    );
  });
});

test('a login that a role allows and its function can not reach is listed', () => {
  const Policy = {
    Type: 'AWS::IAM::Policy',
    Properties: {
      ...{ PolicyName: 'p', Roles: [ref('Role')] },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'rds-db:connect', Resource: '*' }],
      },
    },
  };
  const template = templateOf({ ...REACHED, Fn: fn(), Policy });

  expect(template.reachability().unreachable()).toEqual([
    { logicalId: 'Fn', service: 'rds-db', obstacle: expect.stringContaining('database Cluster') },
  ]);
});
