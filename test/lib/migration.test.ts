import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { ShareKey } from '../../lib/share-key';
import { propertiesOf, valuesOf } from '../support/resources';
import { plain } from '../../local/audit/plain';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';
import { recordsStayReadable, refusals, type TemplateJson } from '../../local/audit/lifecycle';
import { testVault } from '../support/vault';

const { vault, template: made } = testVault();
const { generation } = vault.database;
const template = made();
const [trigger] = Object.values(template.findResources('Custom::Trigger'));

describe('the migration', () => {
  test('runs on deploy, and ends two minutes before its trigger has to respond', () => {
    template.hasResourceProperties('Custom::Trigger', {
      InvocationType: 'RequestResponse',
      Timeout: '900000',
      HandlerArn: { Ref: Match.stringLikeRegexp('^VaultMigrationFunctionCurrentVersion') },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-migrate',
      Timeout: 780,
    });
  });

  test.each([
    ['the database', 'AWS::RDS::DBInstance', 'VaultDatabaseClusterWriter'],
    ["the database's rule that lets functions in", 'AWS::EC2::SecurityGroupIngress', 'VaultDatabaseGroup'],
    [
      "the functions' rule that lets them out to the database",
      'AWS::EC2::SecurityGroupEgress',
      'VaultNetworkFunctionsto',
    ],
    ['the endpoint for its password', 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointsecretsmanager'],
    [
      "the endpoint's rule that lets functions in",
      'AWS::EC2::SecurityGroupIngress',
      'VaultNetworkEndpointsecretsmanagerGroup',
    ],
    ['its own permissions', 'AWS::IAM::ManagedPolicy', 'VaultMigrationFunctionRolePermissions'],
  ])('waits for %s', (_what, type, prefix) => {
    const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(prefix));

    expect(ids).not.toEqual([]);
    expect(trigger?.DependsOn).toEqual(expect.arrayContaining(ids));
  });

  test('is the only function that reads the master password, through Secrets Manager', () => {
    const secret = '${VaultDatabaseCluster.MasterUserSecret.SecretArn}';
    const statements = statementsOf(template, 'AWS::IAM::ManagedPolicy', 'VaultMigration');

    expect(statements).toContainEqual({
      Sid: `AllowReadMasterSecret${generation}`,
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: secret,
    });
    expect(statements).toContainEqual({
      Sid: `AllowDecryptMasterSecret${generation}`,
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: '${VaultStorageKey.Arn}',
      Condition: {
        StringEquals: {
          'kms:EncryptionContext:SecretARN': secret,
          'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com',
        },
      },
    });
    expect(statementsOf(template, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointsecretsmanager')).toContainEqual({
      Sid: `AllowReadMasterSecret${generation}`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'secretsmanager:GetSecretValue',
      Resource: secret,
      Condition: { ArnEquals: { 'aws:PrincipalArn': ['${VaultMigrationFunctionRole.Arn}'] } },
    });
  });

  test('may log in with a token as the master, and as no other', () => {
    const logins = statementsOf(template, 'AWS::IAM::ManagedPolicy', 'VaultMigration').filter(
      ({ Action }) => Action === 'rds-db:connect',
    );

    expect(logins).toEqual([
      {
        Sid: `AllowLoginAsVaultMaster${generation}`,
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: expect.stringMatching(/:dbuser:\$\{VaultDatabaseCluster\.DBClusterResourceId\}\/vault_master$/),
      },
    ]);
  });

  test('runs before any alias gets another share key, and knows its ARN without a permission on it', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'Own', { environment: 'staging' });
    const other = testVault({ shareKey }, stack).template();
    const versions = [template, other].map((each) => valuesOf(each, 'Custom::Trigger', 'HandlerArn'));
    const [migrate] = propertiesOf(other, 'AWS::Lambda::Function', 'VaultMigrationFunction').values();

    expect(plain(migrate?.Environment)).toMatchObject({ Variables: { SHARE_VAULT_SHARE_KEY_ARN: '${OwnKey.Arn}' } });
    // CloudFormation updates the trigger, which runs the function, only if it is given another version
    expect(versions[0]).not.toEqual(versions[1]);
    expect(JSON.stringify(statementsOf(other, 'AWS::IAM::ManagedPolicy', 'VaultMigration'))).not.toContain(
      '${OwnKey.Arn}',
    );
  });

  test("gets RDS's own id of the cluster, which another restore changes even under a former restoreToken", () => {
    const [migrate] = propertiesOf(template, 'AWS::Lambda::Function', 'VaultMigrationFunction').values();

    expect(plain(migrate?.Environment)).toMatchObject({
      Variables: { SHARE_VAULT_DB_RESOURCE_ID: '${VaultDatabaseCluster.DBClusterResourceId}' },
    });
  });

  test("gets the ARN of the password's secret and never the password", () => {
    const [migrate] = propertiesOf(template, 'AWS::Lambda::Function', 'VaultMigrationFunction').values();

    expect(plain(migrate?.Environment)).toMatchObject({
      Variables: { SHARE_VAULT_DB_SECRET_ARN: '${VaultDatabaseCluster.MasterUserSecret.SecretArn}' },
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
  });
});

describe('the daily sweep', () => {
  const [rule] = propertiesOf(template, 'AWS::Events::Rule', 'VaultMigration').values();
  const [permission] = propertiesOf(template, 'AWS::Lambda::Permission', 'VaultMigration').values();
  const alias =
    'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:share-vault-staging-migrate:sweep';

  test('runs the migration once a day, and never tries again by itself', () => {
    expect(plain(rule)).toMatchObject({
      ScheduleExpression: 'rate(1 day)',
      State: 'ENABLED',
      Targets: [{ Arn: alias, RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
  });

  test('is the only caller of the alias, which gets the code of a deploy after the migration ran', () => {
    const [trigger = ''] = Object.keys(template.findResources('Custom::Trigger'));

    expect(plain(permission)).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: alias,
      Principal: 'events.amazonaws.com',
      SourceArn: '${VaultMigrationSweep.Arn}',
    });
    template.hasResource('AWS::Lambda::Alias', {
      Properties: { Name: 'sweep' },
      DependsOn: Match.arrayWith([trigger]),
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^VaultMigrationFunction') },
      Qualifier: Match.not('$LATEST'),
      MaximumRetryAttempts: 0,
    });
  });
});

test('a vault whose database was named after its environment only can not be updated, which would give it an empty one', () => {
  const next = testVault().template().toJSON() as TemplateJson;
  const [cluster = ''] = Object.keys(next.Resources).filter((id) => id.startsWith('VaultDatabaseClusterB'));
  const former: TemplateJson = {
    Resources: {
      [cluster]: { Type: 'AWS::RDS::DBCluster', Properties: { DBClusterIdentifier: 'share-vault-staging' } },
      VaultMigrationFunction9FF1CEE3: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'share-vault-staging-migrate' },
      },
    },
  };

  expect(recordsStayReadable(former, next).map(({ resource }) => resource)).toEqual([cluster]);
  expect(refusals(former, next)).toEqual([
    expect.objectContaining({ problem: 'its FunctionName is taken by VaultMigrationFunction9FF1CEE3' }),
  ]);
});
