import { describe, expect, test } from '@jest/globals';
import { changesBetween, type TemplateJson } from '../../../../../local/audit/lifecycle';
import { getAtt, join, ref, resource, RETAINED, template } from './tiny';

const vpc = (CidrBlock: string) => resource('AWS::EC2::VPC', { CidrBlock });
const actions = (before: TemplateJson, after: TemplateJson): unknown =>
  Object.fromEntries(
    changesBetween(before, after).map(({ id, action, former }) => [id, former ? [action, former] : action]),
  );

describe('the changes of an update', () => {
  test('are none between equal templates', () => {
    expect(actions(template({ Vpc: vpc('10.0.0.0/24') }), template({ Vpc: vpc('10.0.0.0/24') }))).toEqual({});
  });

  test.each([
    ['updates a resource if a property changes that can', { Tags: ['a'] }, { Tags: ['b'] }, 'updated'],
    [
      'replaces a resource if a create-only property changes',
      { CidrBlock: 'a' },
      { CidrBlock: 'b' },
      ['replaced', 'deleted'],
    ],
    [
      'may replace a resource if a property changes that only some values let',
      { InstanceTenancy: 'default' },
      { InstanceTenancy: 'dedicated' },
      ['may be replaced', 'deleted'],
    ],
    ['replaces a resource if a create-only property joins', {}, { CidrBlock: 'b' }, ['replaced', 'deleted']],
  ])('%s', (_, before, after, expected) => {
    const of = (properties: object) => template({ Vpc: resource('AWS::EC2::VPC', { ...properties }) });

    expect(actions(of(before), of(after))).toEqual({ Vpc: expected });
  });

  test.each([
    ['a Ref', ref('Vpc')],
    ['an Fn::GetAtt', getAtt('Vpc', 'VpcId')],
    ['an Fn::GetAtt in short', { 'Fn::GetAtt': 'Vpc.VpcId' }],
    ['an Fn::Sub', { 'Fn::Sub': '${Vpc}' }],
    ['an Fn::Sub of an attribute', { 'Fn::Sub': ['${Vpc.VpcId}${own}', { own: 'x' }] }],
    ['a join', join('vpc/', ref('Vpc'))],
  ])('reach what refers to a replaced resource by %s in a create-only property', (_, VpcId) => {
    const others = {
      Table: resource('AWS::EC2::RouteTable', { VpcId }),
      Link: resource('AWS::EC2::SubnetRouteTableAssociation', { RouteTableId: ref('Table') }),
      Fn: resource('AWS::Lambda::Function', { Environment: { Variables: { VPC: VpcId } } }),
    };

    expect(actions(template({ Vpc: vpc('a'), ...others }), template({ Vpc: vpc('b'), ...others }))).toEqual({
      Vpc: ['replaced', 'deleted'],
      Table: ['replaced', 'deleted'],
      Link: ['replaced', 'deleted'],
      Fn: 'updated',
    });
  });

  test('reach a chain of references, in whatever order the template has it', () => {
    const of = (CidrBlock: string) =>
      template({
        Link: resource('AWS::EC2::SubnetRouteTableAssociation', { RouteTableId: ref('Table') }),
        Table: resource('AWS::EC2::RouteTable', { VpcId: ref('Vpc') }),
        Vpc: vpc(CidrBlock),
      });

    expect(actions(of('a'), of('b'))).toMatchObject({ Link: ['replaced', 'deleted'], Table: ['replaced', 'deleted'] });
  });

  test('may replace what refers to a resource that may be replaced', () => {
    const of = (InstanceTenancy: string) =>
      template({
        Vpc: resource('AWS::EC2::VPC', { InstanceTenancy }),
        Table: resource('AWS::EC2::RouteTable', { VpcId: ref('Vpc') }),
      });

    expect(actions(of('default'), of('dedicated'))).toMatchObject({ Table: ['may be replaced', 'deleted'] });
  });

  test('say whether a removed resource is deleted, retained or replaced by a snapshot', () => {
    const before = template({
      Gone: resource('AWS::KMS::Key'),
      Kept: resource('AWS::KMS::Key', {}, RETAINED),
      Always: resource('AWS::KMS::Key', {}, { DeletionPolicy: 'Retain' }),
      Database: resource('AWS::RDS::DBCluster'),
      Instance: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: 'a' }),
    });

    expect(actions(before, template({}))).toEqual({
      Gone: ['removed', 'deleted'],
      Kept: ['removed', 'retained unless it was just created'],
      Always: ['removed', 'retained'],
      Database: ['removed', 'replaced by a snapshot'],
      Instance: ['removed', 'deleted'],
    });
  });

  test('keep a replaced resource by its UpdateReplacePolicy and not by its DeletionPolicy', () => {
    const group = (LogGroupName: string, more: object) =>
      resource('AWS::Logs::LogGroup', { LogGroupName }, { ...more });
    const of = (name: string) => template({ A: group(name, RETAINED), B: group(name, { DeletionPolicy: 'Retain' }) });

    expect(actions(of('a'), of('b'))).toEqual({ A: ['replaced', 'retained'], B: ['replaced', 'deleted'] });
  });

  test('refuse a policy that CloudFormation does not know', () => {
    const unknown = template({ A: resource('AWS::KMS::Key', {}, { DeletionPolicy: 'Keep' }) });

    expect(() => changesBetween(unknown, unknown)).toThrow('got "Keep"');
  });
});
