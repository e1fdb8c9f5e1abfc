import { describe, expect, test } from '@jest/globals';
import { App, NestedStack, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ShareKey } from '../../lib/share-key';
import { ShareVault } from '../../lib/share-vault';
import { VaultKeys } from '../../lib/vault-keys';
import { plain } from '../../local/audit/plain';
import { valuesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { cdkApp, fixtureBundles, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const bundles = fixtureBundles();

describe('a vault', () => {
  test('needs nothing but its environment', () => {
    const stack = testStack();

    new ShareVault(stack, 'Vault', { environment: 'prod', bundles });

    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBCluster', 1);
  });

  test('of dev pauses, keeps its endpoints in one zone and makes no backup plan', () => {
    const template = testVault({ environment: 'dev' }).template();

    template.hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: Match.objectLike({ MinCapacity: 0 }),
    });
    template.allResourcesProperties('AWS::EC2::VPCEndpoint', { SubnetIds: [Match.anyValue()] });
    template.resourceCountIs('AWS::Backup::BackupPlan', 0);
  });

  test('of prod has a reader in a second zone, never pauses and is backed up', () => {
    const template = testVault({ environment: 'prod' }).template();

    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    template.hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: Match.objectLike({ MinCapacity: 0.5 }),
    });
    template.resourceCountIs('AWS::Backup::BackupPlan', 1);
  });

  test.each([
    ['with a database that pauses', { minCapacity: 0 }, 'expected a minCapacity over 0'],
    [
      'that is destroyed with its stack',
      { removalPolicy: RemovalPolicy.DESTROY },
      'expected a removalPolicy that retains, got DESTROY',
    ],
    ['without a reader', { readers: 0 }, 'expected a reader in a second zone, got none'],
    ['with endpoints in one zone', { endpointZones: 1 }, 'expected endpoints in two zones, got 1'],
  ])('of prod %s is refused', (_what, props, message) => {
    expect(() => testVault({ environment: 'prod', ...props })).toThrow(`environment prod: ${message}`);
  });

  test('of prod in a network of one zone is refused', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });

    expect(() => testVault({ environment: 'prod', vpc }, stack)).toThrow(
      'expected subnets in at least two availability zones, which RDS requires of a database, got 1',
    );
  });

  test('that is destroyed with its stack leaves no key, log or database behind', () => {
    const template = testVault({ removalPolicy: RemovalPolicy.DESTROY }).template();

    for (const type of ['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance']) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
  });

  test('binds its share key to its own network, which has an endpoint for it', () => {
    const template = testVault().template();

    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'AllowUnseal',
            Condition: Match.objectLike({
              StringEquals: Match.objectLike({ 'aws:SourceVpc': { Ref: Match.stringLikeRegexp('^VaultNetworkVpc') } }),
            }),
          }),
        ]),
      },
    });
  });

  test('does not bind its share key to a network that exists, whose way to KMS is not known', () => {
    const stack = testStack();
    const template = testVault({ vpc: new ec2.Vpc(stack, 'Vpc') }, stack).template();

    expect(JSON.stringify(template.findResources('AWS::KMS::Key'))).not.toContain('aws:SourceVpc');
  });

  test('publishes where its keys are', () => {
    const template = testVault({ intakeKeyIds: ['intake-1', 'intake-2'] }).template();

    expect(valuesOf(template, 'AWS::SSM::Parameter', 'Name')).toEqual([
      '/share-vault/staging/keys/intake/intake-1',
      '/share-vault/staging/keys/intake/intake-2',
      '/share-vault/staging/keys/webhook/webhook-1',
    ]);
  });

  test('has a webhook key that no function can use yet', () => {
    const template = testVault().template();
    const [webhook] = Object.entries(template.findResources('AWS::KMS::Key')).filter(([id]) => id.includes('webhook'));

    expect(JSON.stringify(webhook)).not.toContain('kms:Decrypt');
  });

  test.each([
    ['no intake key', { intakeKeyIds: [] }, 'intakeKeyIds: expected 1 to 3 different names, got 0'],
    [
      'four webhook keys',
      { webhookKeyIds: ['a', 'b', 'c', 'd'] },
      'webhookKeyIds: expected 1 to 3 different names, got 4',
    ],
    [
      'the same intake key twice',
      { intakeKeyIds: ['a', 'a'] },
      'intakeKeyIds: expected 1 to 3 different names, got "a" twice',
    ],
    [
      'intake keys whose names differ in punctuation only',
      { intakeKeyIds: ['x_1', 'x-1'] },
      'intakeKeyIds: expected names with different letters and digits, got "x_1" and "x-1"',
    ],
    [
      'a webhook key whose name has no letter or digit',
      { webhookKeyIds: ['a', '--'] },
      'webhookKeyIds: expected a name with a letter or a digit, got "--"',
    ],
    ['a name of one letter', { environment: 'p' }, 'environment: expected a name like'],
    ['a name that ends no line', { environment: 'prod\n' }, 'environment: expected a name like'],
  ])('with %s is refused', (_what, props, message) => {
    expect(() => testVault(props)).toThrow(message);
  });
});

describe('a share key made before its vault', () => {
  test('is the one that the vault uses', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging' });

    const { vault, template } = testVault({ shareKey }, stack);

    expect(vault.keys.shareKey).toBe(shareKey);
    expect(Object.keys(template().findResources('AWS::KMS::Key')).filter((id) => id.includes('ShareKey'))).toHaveLength(
      1,
    );
  });

  test('is bound to the network of the vault even so', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging' });

    const { template } = testVault({ shareKey }, stack);

    expect(statementsOf(template(), 'AWS::KMS::Key', 'ShareKey')).toContainEqual(
      expect.objectContaining({
        Sid: 'AllowUnseal',
        Condition: expect.objectContaining({
          StringEquals: expect.objectContaining({ 'aws:SourceVpc': '${VaultNetworkVpc}' }),
        }),
      }),
    );
  });

  test('keeps the network that it was given', () => {
    const stack = testStack();
    const sourceVpc = new ec2.Vpc(stack, 'Vpc');
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging', sourceVpc });

    const { template } = testVault({ shareKey, vpc: sourceVpc }, stack);

    expect(statementsOf(template(), 'AWS::KMS::Key', 'ShareKey')).toContainEqual(
      expect.objectContaining({
        Sid: 'AllowSeal',
        Condition: expect.objectContaining({
          StringEquals: expect.objectContaining({ 'aws:SourceVpc': '${Vpc}' }),
        }),
      }),
    );
  });

  test('serves no second vault', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging' });
    const keys = { environment: 'staging', shareKey, intakeKeyIds: ['a'], webhookKeyIds: ['b'] };
    new VaultKeys(stack, 'First', keys);

    expect(() => new VaultKeys(stack, 'Second', keys)).toThrow(
      "shareKey: expected a key of the vault's own, got that of Test/First",
    );
  });

  test('serves no vault of another environment', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'dev' });

    expect(() => testVault({ shareKey }, stack)).toThrow(
      'shareKey: expected one of environment staging, got one of dev',
    );
  });

  test('has to be in the same stack, or key and roles would wait for each other', () => {
    const app = cdkApp();
    const shareKey = new ShareKey(new Stack(app, 'Keys'), 'ShareKey', { environment: 'staging' });

    expect(() => testVault({ shareKey }, testStack({}, app))).toThrow(
      "shareKey: expected one in the vault's own stack, got one in Keys",
    );
  });
});

describe('what must never be replaced', () => {
  const STATEFUL = ['AWS::KMS::Key', 'AWS::RDS::DBCluster', 'AWS::RDS::DBSubnetGroup', 'AWS::Backup::BackupVault'];
  const CREATE_ONLY = [
    'DatabaseName',
    'DBClusterIdentifier',
    'DBSubnetGroupName',
    'Engine',
    'KmsKeyId',
    'MasterUsername',
    'StorageEncrypted',
  ];
  const idsOf = (template: Template): string[] => STATEFUL.flatMap((type) => Object.keys(template.findResources(type)));

  test('has the same logical ids wherever the vault is put', () => {
    const alone = testVault().template();
    const stage = new Stage(cdkApp(), 'Stage');
    const staged = testVault({}, new Stack(stage, 'Test')).template();
    const withoutFlags = testVault({}, new Stack(new App(), 'Test')).template();
    const nested = testVault({}, new NestedStack(testStack(), 'Nested')).template();

    expect([staged, withoutFlags, nested].map(idsOf)).toEqual([idsOf(alone), idsOf(alone), idsOf(alone)]);
  });

  test('has the reviewed ids and create-only properties', () => {
    const template = testVault({ environment: 'prod' }).template();

    expect(idsOf(template)).toMatchSnapshot();
    expect(
      CREATE_ONLY.map((property) => [property, ...valuesOf(template, 'AWS::RDS::DBCluster', property).map(plain)]),
    ).toMatchSnapshot();
  });

  test('differs between two vaults of one stack', () => {
    const stack = testStack();
    new ShareVault(stack, 'One', { environment: 'one', bundles });
    new ShareVault(stack, 'Two', { environment: 'two', bundles });

    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBCluster', 2);
  });
});
