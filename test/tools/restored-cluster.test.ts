import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepsOf, textOf } from '../e2e/incidents/blocks';
import type { AwsLine } from '../e2e/incidents/aws-line';
import { synthesized } from '../support/synthesized';
import { awsLinesOf } from './documents/aws-lines';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}
type Properties = Resource['Properties'];

/** The template of the vault that docs/incidents/restore.md restores: `new ShareVault(this, 'Vault', { environment: 'prod' })`. */
const template = JSON.parse(
  readFileSync(join(synthesized(join(__dirname, '../support/incident-stacks.ts')), 'restored.template.json'), 'utf8'),
) as { readonly Resources: Readonly<Record<string, Resource>> };
const lines = stepsOf(textOf('restore')).flatMap(({ text }) => awsLinesOf(text));

const propertiesOf = (type: string): readonly Properties[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
const [cluster = {}] = propertiesOf('AWS::RDS::DBCluster');
const [writer = {}] = propertiesOf('AWS::RDS::DBInstance');
const inputOf = (operation: string, isFor: (input: AwsLine['input']) => boolean = () => true): AwsLine['input'] =>
  lines.find((line) => line.operation === operation && isFor(line.input))?.input ?? {};

const restored = {
  ...inputOf('RestoreDBClusterToPointInTime'),
  ...inputOf('ModifyDBCluster', ({ ManageMasterUserPassword }) => ManageMasterUserPassword === true),
};
const created = inputOf('CreateDBInstance');

/** CloudFormation's properties that RDS names otherwise. */
const RDS_NAMES: Readonly<Record<string, string>> = { MasterUserSecret: 'MasterUserSecretKmsKeyId' };

/**
 * The properties that RDS takes from the former cluster, by the reference of RestoreDBClusterToPointInTime. The first five
 * can't be chosen.
 */
const OF_THE_FORMER = [
  ...['DatabaseName', 'Engine', 'EngineVersion', 'MasterUsername', 'StorageEncrypted'],
  // "the restored DB cluster is encrypted using the KMS key that was used to encrypt the source DB cluster"
  'KmsKeyId',
  // "Default: Uses existing setting"
  'BackupRetentionPeriod',
];

/** Returns the values of a template that stand in it as such: others are references to its resources. */
function literals(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => !/"(?:Ref|Fn::\w+)":/.test(JSON.stringify(value))),
  );
}

/** Returns the entries of a record that have one of these names. */
function named(record: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

describe('the cluster that docs/incidents/restore.md restores', () => {
  const chosen = Object.keys(cluster).filter((name) => !OF_THE_FORMER.includes(name));

  test('gets each property of the template that RDS does not take from the former one', () => {
    expect(chosen).toEqual(expect.arrayContaining(['Port', 'DBSubnetGroupName', 'CopyTagsToSnapshot']));
    expect(chosen.filter((name) => !((RDS_NAMES[name] ?? name) in restored))).toEqual([]);
  });

  test('gets the values of the template', () => {
    const literal = named(literals(cluster), chosen);

    expect(Object.keys(literal)).toEqual(expect.arrayContaining(['Port', 'ServerlessV2ScalingConfiguration']));
    expect(named(restored, Object.keys(literal))).toEqual(literal);
  });

  test('is compared with the former one in each of these properties but its tags', () => {
    const { text = '' } = stepsOf(textOf('restore')).find(({ name }) => name.startsWith('properties=')) ?? {};
    const compared: readonly string[] = text.slice(0, text.indexOf("]'")).match(/\w+/g) ?? [];
    /** how the API's description names them */
    const described: Readonly<Record<string, string>> = {
      DBClusterParameterGroupName: 'DBClusterParameterGroup',
      DBSubnetGroupName: 'DBSubnetGroup',
      EnableCloudwatchLogsExports: 'EnabledCloudwatchLogsExports',
      EnableIAMDatabaseAuthentication: 'IAMDatabaseAuthenticationEnabled',
      ManageMasterUserPassword: 'MasterUserSecret',
      VpcSecurityGroupIds: 'VpcSecurityGroups',
    };
    const expected = Object.keys(cluster).filter((name) => name !== 'Tags' && name !== 'DBClusterIdentifier');

    expect(expected.map((name) => described[name] ?? name).filter((name) => !compared.includes(name))).toEqual([]);
  });
});

test('the instance that docs/incidents/restore.md creates gets each property of the template', () => {
  const literal = literals(writer);

  expect(Object.keys(literal)).toEqual(expect.arrayContaining(['PubliclyAccessible', 'PromotionTier', 'Tags']));
  expect(Object.keys(writer).filter((name) => !(name in created))).toEqual([]);
  expect(named(created, Object.keys(literal))).toEqual(literal);
});

test('the page of a restore gives the names of the former cluster and its writer to the restored ones', () => {
  const renamed = lines
    .filter(({ operation }) => /^ModifyDB(Cluster|Instance)$/.test(operation))
    .flatMap(({ input }) => {
      const from = input.DBClusterIdentifier ?? input.DBInstanceIdentifier;
      const to = input.NewDBClusterIdentifier ?? input.NewDBInstanceIdentifier;
      return to === undefined ? [] : [[from, to]];
    });

  expect(renamed).toEqual([
    ['INSTANCE', 'INSTANCE-former'],
    ['CLUSTER', 'CLUSTER-former'],
    ['CLUSTER-restored', 'CLUSTER'],
  ]);
  expect(created.DBInstanceIdentifier).toBe('INSTANCE');
});
