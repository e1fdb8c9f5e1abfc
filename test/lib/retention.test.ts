import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { type Environment, environmentTemplate } from '../support/environment-template';
import type { TemplateJson } from '../support/mutate';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const ENVIRONMENTS: readonly Environment[] = ['dev', 'staging', 'prod'];

/** Roles that key policies name, and the function of a custom resource: AWS deletes them in spite of the references. */
const DELETED_ALL_THE_SAME = ['AWS::IAM::Role', 'AWS::Lambda::Function'];
/** The property with a resource's name, unless CloudFormation chooses the name. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::EC2::SecurityGroup': 'GroupName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::RDS::DBCluster': 'DBClusterIdentifier',
  'AWS::RDS::DBClusterParameterGroup': 'DBClusterParameterGroupName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::RDS::DBSubnetGroup': 'DBSubnetGroupName',
  'AWS::SecretsManager::Secret': 'Name',
};

const of = ({ Resources }: TemplateJson): readonly (readonly [string, Resource])[] =>
  Object.entries(Resources as unknown as Record<string, Resource>);

const retained = (template: TemplateJson): readonly (readonly [string, Resource])[] =>
  of(template).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate');

/** Returns the ids that a resource's properties refer to. */
function references({ Properties }: Resource): readonly string[] {
  const text = JSON.stringify(Properties ?? {});
  return [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"(\w+)"/g)].map(([, id = '']) => id);
}

describe.each(ENVIRONMENTS)('a deleted stack of %s', (environment) => {
  const template = environmentTemplate(environment);
  const all = new Map(of(template));
  const kept = new Set(retained(template).map(([id]) => id));

  test('deletes nothing that a retained resource uses', () => {
    const broken = retained(template).flatMap(([id, resource]) =>
      references(resource)
        .filter((used) => !kept.has(used))
        .map((used) => [used, all.get(used)?.Type] as const)
        .filter(([, type]) => type !== undefined && !DELETED_ALL_THE_SAME.includes(type))
        .map(([used]) => `${id} uses ${used}`),
    );

    expect(broken).toEqual([]);
  });

  test('leaves no name behind that its next stack takes again', () => {
    const fixed = retained(template).filter(([, { Type, Properties = {} }]) => {
      const name = Properties[NAMES[Type] ?? ''];
      return name !== undefined && !JSON.stringify(name).includes('{"Ref":"AWS::StackId"}');
    });

    expect(fixed).toEqual([]);
  });

  test('retains what it retains when an update replaces it, too', () => {
    expect(retained(template).filter(([, { UpdateReplacePolicy }]) => UpdateReplacePolicy !== 'Retain')).toEqual([]);
  });

  test.each([
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::Subnet',
    'AWS::EC2::VPC',
    'AWS::KMS::Key',
    'AWS::RDS::DBCluster',
    'AWS::RDS::DBClusterParameterGroup',
    'AWS::RDS::DBInstance',
    'AWS::RDS::DBSubnetGroup',
    'Custom::VpcRestrictDefaultSG',
  ])('retains the %s that the database can not be without', (type) => {
    expect(retained(template).map(([, { Type }]) => Type)).toContain(type);
  });

  test('retains neither functions, endpoints nor their security groups, which would cost or do something', () => {
    const gone = retained(template).filter(
      ([id, { Type }]) =>
        /^AWS::(Lambda|IAM|Events|SNS|CloudWatch)::|^AWS::EC2::VPCEndpoint$/.test(Type) ||
        /Endpoint|NetworkFunctions/.test(id),
    );

    expect(gone).toEqual([]);
  });

  test('can delete the functions’ security group, since the rule that names it is a resource of its own', () => {
    const inline = retained(template).filter(([, { Properties = {} }]) => 'SecurityGroupIngress' in Properties);

    expect(inline).toEqual([]);
  });
});

test('a vault in a network that exists retains nothing of that network', () => {
  const stack = testStack();
  const vpc = new ec2.Vpc(stack, 'Shared');
  const kept = retained(testVault({ vpc }, stack).template().toJSON() as TemplateJson);

  expect(kept.filter(([, { Type }]) => Type === 'AWS::EC2::SecurityGroup')).toHaveLength(1);
  expect(kept.filter(([, { Type }]) => /^AWS::EC2::(VPC|Subnet)$/.test(Type))).toEqual([]);
});

test('a vault with DESTROY retains nothing at all', () => {
  const template = testVault({ removalPolicy: RemovalPolicy.DESTROY, webhook: {} }).template().toJSON() as TemplateJson;

  expect(of(template).filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'))).toEqual([]);
});
