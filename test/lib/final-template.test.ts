import { beforeAll, describe, expect, test } from '@jest/globals';
import { Aspects, CfnResource, type IAspect, RemovalPolicies, RemovalPolicy, type Stack, Stage } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import { RsaKey, RsaKeyPurpose } from '../../lib/rsa-key';
import { ShareKey } from '../../lib/share-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { StorageKey } from '../../lib/storage-key';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

/** Returns the errors of a synth, one for each resource and property. */
function errorsOf(stack: Stack): readonly string[] {
  try {
    Stage.of(stack)?.synth();
  } catch (error) {
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

/** Overrides one property of every resource of a type, as an escape hatch does. */
function override(stack: Stack, type: string, property: string, value: unknown): void {
  for (const resource of stack.node.findAll().filter(CfnResource.isCfnResource)) {
    if (resource.cfnResourceType === type) resource.addOverride(property, value);
  }
}

/** Properties that each weaken a vault in a different way. One vault has all of them. */
const WEAKER: readonly (readonly [type: string, property: string, value: unknown])[] = [
  ['AWS::KMS::Key', 'DeletionPolicy', undefined],
  ['AWS::KMS::Key', 'UpdateReplacePolicy', 'Delete'],
  ['AWS::KMS::Key', 'Properties.EnableKeyRotation', false],
  ['AWS::KMS::Key', 'Properties.RotationPeriodInDays', 2_561],
  ['AWS::KMS::Key', 'Properties.PendingWindowInDays', 7],
  ['AWS::KMS::Key', 'Properties.Enabled', false],
  ['AWS::KMS::Key', 'Properties.KeySpec', 'HMAC_256'],
  ['AWS::KMS::Key', 'Properties.Origin', 'EXTERNAL'],
  ['AWS::KMS::Key', 'Properties.MultiRegion', true],
  ['AWS::KMS::Key', 'Properties.BypassPolicyLockoutSafetyCheck', true],
  ['AWS::RDS::DBCluster', 'DeletionPolicy', 'Snapshot'],
  ['AWS::RDS::DBCluster', 'UpdateReplacePolicy', 'Snapshot'],
  ['AWS::RDS::DBCluster', 'Properties.DeletionProtection', false],
  ['AWS::RDS::DBCluster', 'Properties.StorageEncrypted', false],
  ['AWS::RDS::DBCluster', 'Properties.KmsKeyId', undefined],
  ['AWS::RDS::DBCluster', 'Properties.EnableIAMDatabaseAuthentication', false],
  ['AWS::RDS::DBCluster', 'Properties.ManageMasterUserPassword', false],
  ['AWS::RDS::DBInstance', 'DeletionPolicy', 'Delete'],
  ['AWS::RDS::DBInstance', 'Properties.PubliclyAccessible', true],
  ['AWS::SecretsManager::Secret', 'DeletionPolicy', 'Delete'],
  ['AWS::SecretsManager::Secret', 'Properties.KmsKeyId', undefined],
  ['AWS::Logs::LogGroup', 'UpdateReplacePolicy', undefined],
  ['AWS::Logs::LogGroup', 'Properties.KmsKeyId', undefined],
  ['AWS::Backup::BackupVault', 'DeletionPolicy', 'Delete'],
  ['AWS::Backup::BackupVault', 'Properties.EncryptionKeyArn', undefined],
  ['AWS::RDS::DBClusterParameterGroup', 'DeletionPolicy', 'Delete'],
  ['AWS::RDS::DBSubnetGroup', 'DeletionPolicy', 'Delete'],
  ['AWS::EC2::Subnet', 'DeletionPolicy', 'Delete'],
  ['AWS::EC2::VPC', 'UpdateReplacePolicy', 'Delete'],
];
/** Path of one resource of each type. */
const PATHS: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': 'Keys/ShareKey/Key/Resource',
  'AWS::RDS::DBCluster': 'Database/Cluster/Resource',
  'AWS::RDS::DBInstance': 'Database/Cluster/Writer/Resource',
  'AWS::SecretsManager::Secret': 'Webhook/SigningSecret/Secret',
  'AWS::Logs::LogGroup': 'Functions/unseal/Log/Resource',
  'AWS::Backup::BackupVault': 'Database/Backup/Vault/Resource',
  'AWS::RDS::DBClusterParameterGroup': 'Database/Parameters/Resource',
  'AWS::RDS::DBSubnetGroup': 'Database/Cluster/Subnets/Default',
  'AWS::EC2::Subnet': 'Network/Vpc/IsolatedSubnet1/Subnet',
  'AWS::EC2::VPC': 'Network/Vpc/Resource',
};

/** Errors of a vault with every weaker property. */
function weakened(props: Partial<ShareVaultProps>): readonly string[] {
  const { stack } = testVault({ webhook: {}, ...props });
  for (const [type, property, value] of WEAKER) override(stack, type, property, value);
  return errorsOf(stack);
}

class Deleting implements IAspect {
  visit(node: IConstruct): void {
    if (CfnResource.isCfnResource(node)) node.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }
}

describe('the final template of a vault that outlives its stack', () => {
  test('passes as the constructs make it', () => {
    expect(errorsOf(testVault({ environment: 'prod', webhook: {} }).stack)).toEqual([]);
  });

  test.each<[string, (stack: Stack) => void]>([
    ["the CDK's removal policies", (stack) => RemovalPolicies.of(stack).destroy()],
    ['an aspect', (stack) => Aspects.of(stack).add(new Deleting())],
    ['an aspect of the last priority', (stack) => Aspects.of(stack).add(new Deleting(), { priority: 100_000 })],
  ])('is refused if %s would delete what it holds', (_what, change) => {
    const { stack } = testVault({ environment: 'prod', webhook: {} });

    change(stack);
    const errors = errorsOf(stack).join('\n');

    expect(errors).toContain(
      '[Test/Vault] Test/Vault/Keys/ShareKey/Key/Resource: expected a DeletionPolicy of Retain or RetainExceptOnCreate, got "Delete": exclude the vault from the aspect',
    );
    for (const path of [
      'StorageKey/Key',
      'Keys/intake-intake-1/Key',
      'Database/Cluster',
      'Database/Cluster/Writer',
      'Database/Log',
      'Database/Backup/Vault',
      'Webhook/SigningSecret/Secret',
      'Functions/unseal/Log',
    ]) {
      expect(errors).toContain(`Test/Vault/${path}`);
    }
  });

  describe.each(['prod', 'staging'])('of %s', (environment) => {
    let errors: readonly string[] = [];
    beforeAll(() => {
      errors = weakened({ environment });
    });

    test.each(WEAKER)('is refused if an override gives %s a %s of %p', (type, property, _value) => {
      const name = property.replace('Properties.', '');

      expect(errors).toContainEqual(
        expect.stringMatching(
          new RegExp(`^\\[Test/Vault\\] Test/Vault/${PATHS[type]}: expected .*${name} .+, got .+: `),
        ),
      );
    });
  });

  test('may keep more than the constructs do', () => {
    const { stack } = testVault({ environment: 'prod', webhook: {} });
    RemovalPolicies.of(stack).retain();

    expect(errorsOf(stack)).toEqual([]);
  });
});

describe('the final template of a vault that goes with its stack', () => {
  const removalPolicy = RemovalPolicy.DESTROY;

  test('may delete everything, as its own props request', () => {
    const { stack } = testVault({ removalPolicy });
    RemovalPolicies.of(stack).destroy();

    expect(errorsOf(stack)).toEqual([]);
  });

  test('is refused all the same if a property says that the data is less guarded while it exists', () => {
    const errors = weakened({ environment: 'staging', removalPolicy }).join('\n');

    expect(errors).toContain('expected EnableKeyRotation true, got false');
    expect(errors).toContain('expected StorageEncrypted true, got false');
    expect(errors).toContain('expected PubliclyAccessible false, got true');
    expect(errors).not.toContain('DeletionPolicy');
    expect(errors).not.toContain('DeletionProtection');
  });
});

/** A statement that lets everyone decrypt. */
const OPEN = { Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };

/** All keys of a vault. */
function keysOf(stack: Stack): readonly CfnKey[] {
  return stack.node.findAll().filter((construct) => construct instanceof CfnKey);
}

describe("the final template's key policies", () => {
  test.each<[string, (key: CfnKey) => void, string]>([
    ['another principal', (key) => { key.addPropertyOverride('KeyPolicy.Statement.0.Principal', '*'); }, '"Principal":"*"'], // prettier-ignore
    ['other statements', (key) => { key.addPropertyOverride('KeyPolicy.Statement', [OPEN]); }, JSON.stringify(OPEN)], // prettier-ignore
    ['another action', (key) => { key.addPropertyOverride('KeyPolicy.Statement.0.Action', ['kms:*']); }, '"Action":["kms:*"]'], // prettier-ignore
    ['another document', (key) => { key.keyPolicy = { Version: '2012-10-17', Statement: [OPEN] }; }, JSON.stringify(OPEN)], // prettier-ignore
    ['one statement less', (key) => { key.addPropertyOverride('KeyPolicy.Statement', []); }, 'none of {"Action"'], // prettier-ignore
    ['another version', (key) => { key.addPropertyOverride('KeyPolicy.Version', '2008-10-17'); }, '"Version":"2008-10-17"'], // prettier-ignore
    ['none', (key) => { key.addPropertyDeletionOverride('KeyPolicy'); }, 'none of {"Action"'], // prettier-ignore
  ])('are refused if an escape hatch gives them %s', (_what, change, got) => {
    const { stack } = testVault({ environment: 'prod', webhook: {} });
    keysOf(stack).forEach(change);

    const errors = errorsOf(stack);

    expect(errors).toHaveLength(keysOf(stack).length);
    for (const error of errors) {
      expect(error).toContain("/Key/Resource: expected KeyPolicy as the key's construct has it, got ");
      expect(error).toContain(got);
    }
  });

  test("are refused if another resource takes a key's place", () => {
    const { stack } = testVault({ environment: 'prod', webhook: {} });
    const keys = stack.node.findAll().filter((construct) => construct instanceof ShareKey);
    for (const { node } of keys) {
      node.tryRemoveChild('Key');
      new CfnKey(new Construct(keys[0] ?? stack, 'Key'), 'Resource', { keyPolicy: { Statement: [OPEN] } });
    }

    expect(errorsOf(stack).join('\n')).toContain(
      "ShareKey/Key/Resource: expected KeyPolicy as the key's construct has it",
    );
  });

  test('are refused if an aspect replaces them in a vault that goes with its stack', () => {
    const { stack } = testVault({ removalPolicy: RemovalPolicy.DESTROY });
    Aspects.of(stack).add({
      visit: (node) => {
        if (node instanceof CfnKey) node.keyPolicy = { Statement: [OPEN] };
      },
    });

    expect(errorsOf(stack)[0]).toContain("expected KeyPolicy as the key's construct has it");
  });

  test('may have what an aspect adds by the grants of the constructs', () => {
    const { stack, vault } = testVault({ environment: 'prod', webhook: {} });
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    Aspects.of(stack).add({
      visit: (node) => {
        if (node === vault) vault.storageKey.allowLogGroups('audit-*');
        if (node instanceof ShareKey) node.grantSeal(role);
        if (node instanceof Key) node.grant(role, 'kms:DescribeKey');
      },
    });

    expect(errorsOf(stack)).toEqual([]);
  });

  test.each([false, true])('pass if the CDK merges statements: %s', (minimize) => {
    const app = cdkApp();
    app.node.setContext('@aws-cdk/aws-iam:minimizePolicies', minimize);
    const stack = testStack(undefined, app);
    testVault({ environment: 'prod', webhook: {} }, stack);

    expect(errorsOf(stack)).toEqual([]);
  });
});

describe('a part that is composed without a vault', () => {
  test.each<[string, (stack: Stack) => IConstruct]>([
    ['a share key', (stack) => new ShareKey(stack, 'Part', { environment: 'prod' })],
    ['a storage key', (stack) => new StorageKey(stack, 'Part', { environment: 'prod' })],
    [
      'an RSA key',
      (stack) => new RsaKey(stack, 'Part', { environment: 'prod', purpose: RsaKeyPurpose.INTAKE, kid: 'a' }),
    ],
  ])('is guarded by itself: %s', (_what, make) => {
    const stack = testStack();
    make(stack);
    RemovalPolicies.of(stack).destroy();

    expect(errorsOf(stack)[0]).toContain('[Test/Part] Test/Part/Key/Resource: expected a DeletionPolicy of Retain');
  });
});

describe('a share key made before its vault', () => {
  test('is refused by a vault that outlives its stack if the key goes with it', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging', removalPolicy: RemovalPolicy.DESTROY });

    expect(() => testVault({ shareKey }, stack)).toThrow('shareKey: expected one that outlives its stack');
  });

  test('is distinguished from its vault in errors', () => {
    const stack = testStack();
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging' });
    testVault({ shareKey }, stack);
    RemovalPolicies.of(shareKey).destroy();

    expect(errorsOf(stack)[0]).toContain('[Test/ShareKey] Test/ShareKey/Key/Resource: expected a DeletionPolicy');
  });
});
