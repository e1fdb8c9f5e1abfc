import { describe, expect, test } from '@jest/globals';
import { refusals } from '../../../../../local/audit/lifecycle';
import { ref, resource, RETAINED, template, type Update } from './tiny';

const cluster = (name: unknown, more: object = {}) =>
  resource('AWS::RDS::DBCluster', { DBClusterIdentifier: name, ...more }, RETAINED);
const group = (more: object) => resource('AWS::EC2::SecurityGroup', { GroupName: 'pin', VpcId: 'vpc-1', ...more });
const subnet = (CidrBlock: string, more: object = {}) =>
  resource('AWS::EC2::Subnet', { CidrBlock, VpcId: ref('Vpc'), ...more });
const lambda = (FunctionName: string) => resource('AWS::Lambda::Function', { FunctionName });
const vpc = (CidrBlock: string) => resource('AWS::EC2::VPC', { CidrBlock });

const REFUSED: readonly Update[] = [
  {
    what: 'a replacement that keeps its name',
    before: { A: cluster('a', { KmsKeyId: 'one' }) },
    after: { A: cluster('a', { KmsKeyId: 'other' }) },
    problem: 'KmsKeyId requires a replacement, and its DBClusterIdentifier stays',
  },
  {
    what: 'a named security group that moves to another VPC',
    before: { A: group({}) },
    after: { A: group({ VpcId: 'vpc-2' }) },
    problem: 'VpcId requires a replacement, and its GroupName stays',
  },
  {
    what: 'a new logical id for a name that is taken',
    before: { A: cluster('a') },
    after: { B: cluster('a') },
    problem: 'its DBClusterIdentifier is taken by A',
  },
  {
    what: 'another type for a logical id',
    before: { A: resource('AWS::SNS::Topic') },
    after: { A: resource('AWS::KMS::Key') },
    problem: "a resource can't change its type from AWS::SNS::Topic",
  },
  {
    what: 'another function behind a custom resource',
    before: { A: resource('Custom::AWS', { ServiceToken: 'one' }) },
    after: { A: resource('Custom::AWS', { ServiceToken: 'other' }) },
    problem: "a custom resource can't change its ServiceToken",
  },
  {
    what: 'a subnet over the range of one that it replaces',
    before: { Vpc: vpc('10.0.0.0/24'), A: subnet('10.0.0.0/25') },
    after: { Vpc: vpc('10.0.0.0/24'), A: subnet('10.0.0.0/26') },
    problem: 'its CidrBlock is in use by A',
  },
  {
    what: 'a database whose security group moves to another VPC',
    before: {
      A: cluster('a', { VpcSecurityGroupIds: [ref('G')] }),
      G: resource('AWS::EC2::SecurityGroup', { VpcId: '1' }),
    },
    after: {
      A: cluster('a', { VpcSecurityGroupIds: [ref('G')] }),
      G: resource('AWS::EC2::SecurityGroup', { VpcId: '2' }),
    },
    problem: "a cluster can't move to another VPC, as G does",
  },
];

const ACCEPTED: readonly Update[] = [
  {
    what: 'a replacement under another name',
    before: { A: cluster('a', { KmsKeyId: 'one' }) },
    after: { A: cluster('b', { KmsKeyId: 'other' }) },
  },
  {
    what: 'a replacement of a resource without a name',
    before: { A: resource('AWS::RDS::DBCluster', { KmsKeyId: 'one' }) },
    after: { A: resource('AWS::RDS::DBCluster', { KmsKeyId: 'other' }) },
  },
  {
    what: 'a named security group that changes its rules',
    before: { A: group({ SecurityGroupEgress: [] }) },
    after: { A: group({ SecurityGroupEgress: [{ IpProtocol: '-1' }] }) },
  },
  {
    what: 'an alias of one name for a function that is replaced',
    before: { A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: 'f' }) },
    after: { A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: 'g' }) },
  },
  {
    what: 'an alias of one name for a function that another one takes the place of',
    before: { F: lambda('f'), A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: ref('F') }) },
    after: { F: lambda('g'), A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: ref('F') }) },
  },
  {
    what: 'an alias of a name that another function has as well',
    before: { A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: 'f' }) },
    after: {
      A: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: 'f' }),
      B: resource('AWS::Lambda::Alias', { Name: 'live', FunctionName: 'g' }),
    },
  },
  {
    what: 'a database whose security group is replaced in the same VPC',
    before: {
      A: cluster('a', { VpcSecurityGroupIds: [ref('G')] }),
      G: resource('AWS::EC2::SecurityGroup', { GroupDescription: '1' }),
    },
    after: {
      A: cluster('a', { VpcSecurityGroupIds: [ref('G')] }),
      G: resource('AWS::EC2::SecurityGroup', { GroupDescription: '2' }),
    },
  },
  {
    what: 'a subnet over a free range',
    before: { Vpc: vpc('10.0.0.0/24'), A: subnet('10.0.0.0/25') },
    after: { Vpc: vpc('10.0.0.0/24'), A: subnet('10.0.0.0/25'), B: subnet('10.0.0.128/25') },
  },
  {
    what: 'a subnet over the range of one in a VPC that is replaced',
    before: { Vpc: vpc('10.0.0.0/24'), A: subnet('10.0.0.0/25') },
    after: { Vpc: vpc('10.0.0.0/23'), A: subnet('10.0.0.0/25') },
  },
];

describe('an update', () => {
  test.each(REFUSED)('is refused for $what', ({ before, after, problem }) => {
    expect(refusals(template(before), template(after)).map((finding) => finding.problem)).toEqual([problem]);
  });

  test.each(ACCEPTED)('is not refused for $what', ({ before, after }) => {
    expect(refusals(template(before), template(after))).toEqual([]);
  });
});
