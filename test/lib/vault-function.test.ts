import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { MaterialKind } from '../../lib/material-kind';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { ENV } from '../../lambda/contract/variables';
import { readEnv } from '../../lambda/invocation/settings';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { allowing, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';
import { DATABASE_SETTINGS, deployedVariables } from './handler-settings';

const OPERATIONS = ['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'] as const;
const template = testVault().template();

function variables(of: Template, name: string): Record<string, string> {
  const functions = [...propertiesOf(of, 'AWS::Lambda::Function').values()];
  const found = functions.find(({ FunctionName }) => FunctionName === `share-vault-staging-${name}`);
  return (plain(found?.Environment) as { readonly Variables: Record<string, string> }).Variables;
}

test.each(OPERATIONS)('the function %s has the time that a paused database takes to wake', (name) => {
  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: `share-vault-staging-${name}`,
    Timeout: 30,
  });
});

test('a deploy deletes the former version of each function, which would keep its subnets and security groups in use', () => {
  const versions = Object.values(template.findResources('AWS::Lambda::Version'));

  expect(versions).not.toEqual([]);
  expect(JSON.stringify(versions)).not.toContain('Retain');
});

describe.each([...OPERATIONS, 'migrate'])('the function %s', (name) => {
  test('runs on a current runtime in the network, traced, its environment under the storage key', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `share-vault-staging-${name}`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^VaultStorageKey'), 'Arn'] },
      VpcConfig: { SubnetIds: [Match.anyValue(), Match.anyValue()], SecurityGroupIds: [Match.anyValue()] },
      ReservedConcurrentExecutions: name === 'migrate' ? Match.absent() : Match.anyValue(),
    });
  });

  test('has a role with all permissions in one managed policy', () => {
    const [role] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => idOf(id, name));

    expect(role?.[1].Properties).not.toHaveProperty('Policies');
    expect(role?.[1].Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).filter((id) => idOf(id, name))).toHaveLength(
      1,
    );
  });

  test('may use a key only from itself, even if others hold its credentials', () => {
    const itself = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:share-vault-staging-${name}`;
    const policies = Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).filter((id) => idOf(id, name));

    expect(statementsOf(template, 'AWS::IAM::ManagedPolicy', policies[0])).toContainEqual({
      Sid: 'DenyKeyUseUnlessOwnFunction',
      Effect: 'Deny',
      Action: expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*']),
      NotResource: '${VaultStorageKey.Arn}',
      Condition: {
        ArnNotLike: { 'lambda:SourceFunctionArn': [itself, `${itself}:*`] },
        BoolIfExists: { 'aws:ViaAWSService': 'false' },
      },
    });
  });

  test('is not tried again when it was called asynchronously', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp(name === 'migrate' ? 'Migration' : `Functions${name}`) },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: Match.absent(),
    });
  });
});

describe("a function's environment", () => {
  const { vault, template: withActor } = testVault();
  vault.addActor('backend', { kinds: [MaterialKind.DELEGATED_SHARE] });
  for (const operation of OPERATIONS) vault.functions[operation].addActor('backend', [MaterialKind.DELEGATED_SHARE]);
  const made = withActor();

  test.each([
    ['seal', ['environment', 'shareKeyArn', 'intakeKeys', 'actors']],
    ['unseal', ['environment', 'shareKeyArn', 'actors']],
    ['revoke', ['environment', 'actors', 'backupDays']],
    ['properties', ['environment', 'actors']],
    ['audit', ['environment', 'actors']],
    ['freeze', ['environment', 'actors', 'unsealActors']],
    ['thaw', ['environment', 'actors']],
    ['migrate', ['environment', 'shareKeyArn', 'dbSecretArn', 'dbResourceId']],
  ] as const)('of %s is what its handler reads, and can be read', (name, own) => {
    const settings = [...own, ...DATABASE_SETTINGS];
    const found = deployed(variables(made, name));

    expect(() => readEnv([...settings, 'dbGeneration'], found)).not.toThrow();
    expect(Object.keys(found).sort()).toEqual(
      [...new Set([...settings.map((setting) => ENV[setting]), ENV.actors, ENV.dbGeneration])].sort(),
    );
  });

  test.each([
    ['seal', 'vault_sealer', 'iam'],
    ['unseal', 'vault_unsealer', 'iam'],
    ['revoke', 'vault_revoker', 'iam'],
    ['properties', 'vault_reader', 'iam'],
    ['audit', 'vault_auditor', 'iam'],
    ['freeze', 'vault_freezer', 'iam'],
    ['thaw', 'vault_thawer', 'iam'],
    ['migrate', 'vault_master', 'password'],
  ])('of %s makes it log in as %s by %s', (name, user, auth) => {
    expect(variables(made, name)).toMatchObject({ [ENV.dbUser]: user, [ENV.dbAuth]: auth });
  });

  test('names the actors of that function and their kinds', () => {
    expect(variables(made, 'unseal')[ENV.actors]).toBe('{"backend":["delegated-share"]}');
  });
});

describe('a data operation', () => {
  test.each([
    // on a key, only the key's own policy decides
    ['kms:GenerateDataKey', []],
    ['kms:Encrypt', []],
    ['kms:Decrypt', ['VaultMigrationFunctionRole']],
    [
      'rds-db:connect',
      [
        'VaultMigrationFunctionRole',
        ...OPERATIONS.map((name) => `VaultFunctions${name}Role`),
        'VaultResealFunctionRole',
      ],
    ],
    ['secretsmanager:GetSecretValue', ['VaultMigrationFunctionRole']],
    ['lambda:InvokeFunction', ['VaultResealRole']],
    ['states:StartExecution', ['VaultResealStartRole']],
  ])('%s is allowed only to the policies of %j', (action, roles) => {
    const ids = Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).filter(
      (id) => allowing(statementsOf(template, 'AWS::IAM::ManagedPolicy', id), action).length > 0,
    );

    expect(ids.map((id) => id.replace(/Permissions[0-9A-F]{8}$/, ''))).toEqual(roles);
  });

  test.each([
    ['share', 'VaultKeysShareKey', 'kms:Decrypt', ['VaultFunctionsunsealRole', 'VaultResealFunctionRole']],
    ['share', 'VaultKeysShareKey', 'kms:GenerateDataKey', ['VaultFunctionssealRole', 'VaultResealFunctionRole']],
    ['intake', 'VaultKeysintake', 'kms:Decrypt', ['VaultFunctionssealRole']],
  ])('the %s key %s allows %s only to %j', (_name, key, action, roles) => {
    expect(allowing(statementsOf(template, 'AWS::KMS::Key', key), action)).toMatchObject(
      roles.map((role) => ({ Principal: { AWS: `\${${role}.Arn}` } })),
    );
  });
});

describe('an actor of a function', () => {
  test('is an alias of the published version that waits for the migration', () => {
    const { vault, template: made } = testVault();
    vault.functions.unseal.addActor('signer', [MaterialKind.DELEGATED_SHARE]);
    const [trigger = ''] = Object.keys(made().findResources('Custom::Trigger'));

    made().hasResource('AWS::Lambda::Alias', {
      Properties: {
        Name: 'signer',
        FunctionVersion: { 'Fn::GetAtt': [Match.stringLikeRegexp('CurrentVersion'), 'Version'] },
      },
      DependsOn: Match.arrayWith([trigger]),
    });
  });

  test('is not tried again when it was called asynchronously', () => {
    const { vault, template: made } = testVault();
    vault.functions.unseal.addActor('signer', [MaterialKind.DELEGATED_SHARE]);

    made().hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      Qualifier: Match.not('$LATEST'),
      MaximumRetryAttempts: 0,
    });
  });

  test.each(['1', 'Signer', '$LATEST', '', 'a'.repeat(64)])('is refused as "%s"', (name) => {
    expect(() => testVault().vault.functions.unseal.addActor(name, [])).toThrow('actor: expected a name like');
  });

  test('is refused when the actors no longer fit the environment variable, with the limit', () => {
    const { unseal } = testVault().vault.functions;
    const add = (): void => {
      for (let index = 0; index < 100; index++) unseal.addActor(`consumer-${index}`, [MaterialKind.DELEGATED_SHARE]);
    };

    expect(add).toThrow('expected the actors of a function to take at most 2048 bytes');
  });
});

describe('what can be chosen of the functions', () => {
  test('includes concurrency and memory', () => {
    testVault({ reservedConcurrency: 5, memorySize: 1_024 }).template().hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-unseal',
      ReservedConcurrentExecutions: 5,
      MemorySize: 1_024,
    });
  });

  test('reserves no concurrency for the migration, which only the deploy calls', () => {
    testVault({ reservedConcurrency: 5 }).template().hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-migrate',
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test('does not include the encryption of logs', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue(), RetentionInDays: 365 });
  });

  test('includes the directory of their code; one without a bundle is refused with the command that builds it', () => {
    expect(() => testVault({ bundles: '/nowhere' })).toThrow(
      'expected the handler\'s bundle at /nowhere/migrate/index.mjs, got none: run "npm run build" first',
    );
  });
});

describe('a published version', () => {
  const versionWith = (props: Partial<ShareVaultProps>): string | undefined => {
    const { vault, template: made } = testVault(props);
    vault.functions.unseal.addActor('signer', [MaterialKind.DELEGATED_SHARE]);
    return Object.keys(made().findResources('AWS::Lambda::Version')).find((id) => id.includes('unseal'));
  };
  const before = versionWith({});

  test('exists once there is an actor', () => {
    expect(before).toMatch(/CurrentVersion/);
  });

  test.each([
    ['the database was replaced behind its name', { restoreToken: 'restored-once' }],
    ['the database got another name', { clusterIdentifier: 'share-vault-staging-2' }],
  ])('is replaced after %s', (_what, props) => {
    expect(versionWith(props)).not.toBe(before);
  });

  test('is kept if nothing changed', () => {
    expect(versionWith({})).toBe(before);
  });
});

test('a function accepts direct calls only', () => {
  const { _function: unseal } = testVault({ removalPolicy: RemovalPolicy.DESTROY }).vault.functions.unseal;

  expect(() => unseal.addEventSourceMapping('Queue', { eventSourceArn: 'arn:aws:sqs:::queue' })).toThrow(
    'event sources',
  );
  expect(() => unseal.addEventSource({ bind: () => undefined })).toThrow('event sources');
  expect(() => unseal.addFunctionUrl()).toThrow('without a URL');
});

test('an alias accepts direct calls only', () => {
  const { vault } = testVault();
  vault.functions.unseal.addActor('signer', [MaterialKind.DELEGATED_SHARE]);
  const [alias] = vault.functions.unseal.node.findAll().filter((child) => child instanceof lambda.Alias);

  expect(() => alias?.addEventSourceMapping('Queue', { eventSourceArn: 'arn:aws:sqs:::queue' })).toThrow(
    'event sources',
  );
  expect(() => {
    alias?.addEventSource({ bind: () => undefined });
  }).toThrow('event sources');
  expect(() => alias?.addFunctionUrl()).toThrow('without a URL');
});

function idOf(id: string, name: string): boolean {
  return id.startsWith(name === 'migrate' ? 'VaultMigrationFunction' : `VaultFunctions${name}`);
}

/** Variables after the deploy: references are replaced by their values. */
function deployed(found: Record<string, string>): NodeJS.ProcessEnv {
  const values: readonly (readonly [RegExp, string])[] = [
    [
      /\$\{VaultDatabaseCluster\.MasterUserSecret\.SecretArn\}/,
      'arn:aws:secretsmanager:eu-west-1:111111111111:secret:a',
    ],
    [/\$\{VaultDatabaseCluster\.Endpoint\.Address\}/, 'database.example'],
    [/\$\{VaultDatabaseCluster\.DBClusterResourceId\}/, 'cluster-ABCDEFGHIJKL0123456789ABCD'],
    [/\$\{Vault\w+\.Arn\}/, 'arn:aws:kms:eu-west-1:111111111111:key/1'],
  ];
  return deployedVariables(found, values);
}
