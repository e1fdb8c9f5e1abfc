import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import { publicProps } from '../support/values/public-props';
import { ROWS } from '../support/values/table';

/**
 * Types of constructs, and of objects with props that have their own rows: TypeScript checks them, and no service reads
 * them.
 */
const OBJECTS = new Set([
  'ActorGrantOptions',
  'ActorProps',
  'AzureBodyClients',
  'AzureBodyStoreProps',
  'AzureKeyProps',
  'ConnectOptions',
  'Construct',
  'Egress',
  'FirewallEgressProps',
  'GoogleBodyStoreProps',
  'GoogleCloudKmsProps',
  'IDependable[]',
  'Migration',
  'PrivateLinkEgressProps',
  'ProxyEgressProps',
  'RecoveryKeyProps',
  'Reseal',
  'RestoreTesting',
  'SecretsManagerBodyStoreProps',
  'ShareDatabase',
  'ShareKey',
  'ShareVault',
  'ShareVaultAttributes',
  'ShareVaultLookup',
  'StorageKey',
  'VaultAwsLoginProps',
  'VaultBodyStoreProps',
  'VaultFunction[]',
  'VaultFunctions',
  'VaultJwtLoginProps',
  'TombstoneBucket',
  'VaultKeys',
  'VaultNetwork',
  'VaultTransitProps',
  'Webhook',
  'WebhookOptions',
  'cloudwatch.IMetric',
  'ec2.IConnectable',
  'ec2.IVpc',
  'ec2.SubnetSelection',
  'iam.IGrantable',
  'iam.IPrincipal',
  'iam.IRole',
  'kms.IKey[]',
  'lambda.Function',
  'lambda.ICodeSigningConfig',
  'rds.IDatabaseCluster',
  'sns.ITopic',
]);

/** Props with tables of their own, and ids. The CDK checks ids. */
const ELSEWHERE = new Set([
  'NetworkOptions.availabilityZones',
  'NetworkOptions.cidr',
  'NetworkOptions.consumerEndpoint',
  'NetworkOptions.endpoints',
  'NetworkOptions.vpcZones',
  'FunctionOptions.signedCode',
  'ShareVault.fromLookup.id',
  'ShareVault.fromShareVaultAttributes.id',
]);

const accepted = [...ROWS].flatMap(([name, row]) => row.accepted.map((value) => [name, text(value), value] as const));
const refused = [...ROWS].flatMap(([name, row]) => row.refused.map((value) => [name, text(value), value] as const));

describe('every value that a consumer can give', () => {
  test('has a row in the table of values', () => {
    const values = publicProps().filter(({ type }) => !OBJECTS.has(type));
    const missing = values.map(({ name }) => name).filter((name) => !ROWS.has(name) && !ELSEWHERE.has(name));

    expect(missing).toEqual([]);
  });

  test('is still declared if the table has a row for it', () => {
    const declared = publicProps().map(({ name }) => name);

    expect([...ROWS.keys(), ...ELSEWHERE].filter((name) => !declared.includes(name))).toEqual([]);
  });

  test.each(accepted)('%s accepts %s', (name, _text, value) => {
    expect(() => ROWS.get(name)?.make(value)).not.toThrow();
  });

  test.each(refused)('%s refuses %s with an error that names it', (name, _text, value) => {
    const row = ROWS.get(name);

    expect(() => row?.make(value)).toThrow(new RegExp(`\\b${row?.named}\\b.*: expected .+, got .+`));
  });
});

function text(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a token';
  if (typeof value === 'number' || value === undefined) return String(value);
  const written = JSON.stringify(value);
  return written.length > 60 ? `${written.slice(0, 60)}…` : written;
}
