import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Resolver, readTemplate, type StackTemplate } from '../../../../local/emulator/template';
import { environmentFile } from '../../../support/environment-template';
import { DEPLOYMENT, environmentVault } from './support';
import { everyPolicy, leftovers, readStatements, writtenStatements } from './statements';

const ENVIRONMENTS = ['dev', 'prod'] as const;
const ACCOUNT = '111111111111';

function functionNamed(vault: StackTemplate, name: string) {
  const fn = vault.functions().find((one) => one.name === name);
  if (!fn) throw new Error(`expected a function ${name}, got none`);
  return fn;
}

describe.each(ENVIRONMENTS)('the template of %s', (environment) => {
  const vault = environmentVault(environment);
  const named = (handler: string) => functionNamed(vault, `share-vault-${environment}-${handler}`);

  test('resolves in each of its properties', () => {
    const template = readTemplate(environmentFile(environment));
    const resolver = new Resolver(template, DEPLOYMENT);
    const everything = Object.entries(template.Resources).map(([id, { Properties }]) =>
      Object.keys(Properties).map((name) => resolver.property(id, name)),
    );

    expect(JSON.stringify(everything)).not.toMatch(/"(Ref|Fn::\w+)":/);
  });

  test.each(['seal', 'unseal', 'revoke', 'audit', 'freeze', 'thaw', 'migrate'])(
    'has %s, with its code, variables and role',
    (handler) => {
      const fn = named(handler);

      expect(fn).toMatchObject({
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        memoryMb: 512,
        environment: {
          SHARE_VAULT_ENVIRONMENT: environment,
          SHARE_VAULT_DB_NAME: 'vault',
          SHARE_VAULT_DB_PORT: '5433',
        },
        code: { kind: 'folder' },
        kmsKeyArn: expect.stringMatching(/^arn:aws:kms:eu-central-1:111111111111:key\//),
      });
      expect(fn.code.kind === 'folder' && existsSync(join(fn.code.folder, 'index.mjs'))).toBe(true);
      expect(fn.environment.SHARE_VAULT_DB_HOST).toBe(vault.databases()[0]?.host);
      expect(vault.roles().find(({ logicalId }) => logicalId === fn.role)?.functions).toEqual([fn.logicalId]);
    },
  );

  test('has its helper functions, outside of any network', () => {
    const helpers = vault.functions().filter(({ handler }) => handler === '__entrypoint__.handler');

    expect(helpers.length).toBeGreaterThanOrEqual(2);
    expect(helpers.map(({ network, environment: variables }) => [network, variables])).toEqual(
      helpers.map(() => [undefined, {}]),
    );
  });

  test('has an alias for each actor, of the published version, that retries nothing by itself', () => {
    const [backend] = vault
      .aliases()
      .filter(({ name, function: fn }) => name === 'backend' && fn === named('seal').logicalId);
    const [version] = vault.versions().filter(({ function: fn }) => fn === named('seal').logicalId);

    expect(backend).toMatchObject({
      arn: `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:share-vault-${environment}-seal:backend`,
      version: '1',
      async: { retries: 0, maximumAgeSeconds: 60 },
    });
    expect(version).toMatchObject({ number: '1', arn: `${named('seal').arn}:1` });
  });

  test('runs the migration in each deploy', () => {
    expect(vault.triggers()).toEqual([
      expect.objectContaining({
        function: named('migrate').logicalId,
        qualifier: '1',
        waits: true,
        timeoutMs: 900_000,
      }),
    ]);
  });

  test('has roles with policies of every kind', () => {
    const sealer = vault.roles().find(({ functions }) => functions.includes(named('seal').logicalId));
    const helper = vault.roles().find(({ logicalId }) => logicalId.startsWith('AWSCDKTrigger'));

    expect(sealer).toMatchObject({
      description: `share vault ${environment}: seal`,
      trust: { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }] },
      policies: [
        { document: { Statement: expect.arrayContaining([expect.objectContaining({ Sid: 'AllowOwnLog' })]) } },
      ],
      awsManaged: [],
      tags: { 'share-vault:environment': environment },
    });
    expect(helper).toMatchObject({
      policies: [{ name: 'Inline' }],
      awsManaged: ['service-role/AWSLambdaBasicExecutionRole'],
      externalPolicies: [],
    });
  });

  test('keeps every statement of IAM', () => {
    const written = writtenStatements(vault.resolver.template);

    expect(written).toBeGreaterThan(40);
    expect(readStatements(vault)).toHaveLength(written);
  });

  test('resolves every reference in policies', () => {
    expect(everyPolicy(vault).length).toBeGreaterThan(20);
    expect(leftovers(everyPolicy(vault))).toEqual([]);
  });

  test('has its keys, by purpose', () => {
    const keys = new Map(
      vault.keys().map(({ arn, spec, rotationDays, deletionDays }) => [arn, { spec, rotationDays, deletionDays }]),
    );
    const { SHARE_VAULT_SHARE_KEY_ARN: shareKey = '', SHARE_VAULT_INTAKE_KEYS: intakeKeys = '' } =
      named('seal').environment;
    const [intakeKey = ''] = Object.values(JSON.parse(intakeKeys) as Record<string, string>);

    expect(keys.get(shareKey)).toEqual({ spec: 'SYMMETRIC_DEFAULT', rotationDays: 90, deletionDays: 30 });
    expect(keys.get(intakeKey)).toEqual({ spec: 'RSA_4096', rotationDays: undefined, deletionDays: 30 });
  });

  test('has key policies with the names of its roles', () => {
    const sealer = vault.roles().find(({ functions }) => functions.includes(named('seal').logicalId));
    const shareKey = vault.keys().find(({ arn }) => arn === named('seal').environment.SHARE_VAULT_SHARE_KEY_ARN);

    expect(JSON.stringify(shareKey?.policy)).toContain(`"${sealer?.arn}"`);
  });

  test('has endpoints that its functions call through', () => {
    const own = vault
      .functions()
      .filter(({ name }) => name.startsWith('share-vault-') && !name.endsWith('-guard'))
      .map(({ logicalId }) => logicalId);

    expect(vault.endpoints()).toEqual(
      ['kms', 'secretsmanager'].map((service) =>
        expect.objectContaining({
          service,
          interface: true,
          privateDns: true,
          functions: own,
          policy: expect.objectContaining({
            Statement: expect.arrayContaining([expect.objectContaining({ Sid: 'DenyOtherAccounts' })]),
          }),
        }),
      ),
    );
  });

  test('has its database, and a database user for each role', () => {
    const [database] = vault.databases();
    const users = vault.databaseUsers();

    expect(vault.databases()).toHaveLength(1);
    expect(database).toMatchObject({
      identifier: expect.stringMatching(new RegExp(`^share-vault-${environment}-[0-9a-f]{12}$`)),
      engine: 'aurora-postgresql',
      port: 5433,
      database: 'vault',
      masterUser: 'vault_master',
      iamAuthentication: true,
      encrypted: true,
      masterSecret: { arn: named('migrate').environment.SHARE_VAULT_DB_SECRET_ARN },
    });
    expect(users.map(({ role, user, resourceId }) => [role, user, resourceId])).toEqual(
      expect.arrayContaining([
        [named('seal').role, 'vault_sealer', database?.resourceId],
        [named('unseal').role, 'vault_unsealer', database?.resourceId],
        [named('revoke').role, 'vault_revoker', database?.resourceId],
        [named('audit').role, 'vault_auditor', database?.resourceId],
      ]),
    );
    expect(users.filter(({ role }) => role === named('migrate').role).map(({ user }) => user)).toEqual([
      'vault_master',
    ]);
  });

  test('publishes its aliases and keys', () => {
    const stored = new Map(vault.storedParameters().map(({ name, value }) => [name, value]));

    expect(stored.get(`/share-vault/${environment}/actors/backend/seal`)).toBe(`${named('seal').arn}:backend`);
    expect(vault.keys().map(({ arn }) => arn)).toContain(
      stored.get(`/share-vault/${environment}/keys/intake/intake-1`),
    );
  });

  test('has rules that invoke none of its functions', () => {
    expect(vault.eventRules().map(({ enabled, pattern }) => [enabled, typeof pattern])).toEqual(
      expect.arrayContaining([[true, 'object']]),
    );
  });

  test('reads or skips every resource', () => {
    const read = new Set(
      [
        vault.functions(),
        vault.versions(),
        vault.aliases(),
        vault.asyncConfigs(),
        vault.permissions(),
        vault.roles(),
        vault.policies(),
        vault.keys(),
        vault.keyAliases(),
        vault.secrets(),
        vault.storedParameters(),
        vault.endpoints(),
        vault.databases(),
        vault.httpApis(),
        vault.httpApis().flatMap(({ routes, stages }) => [...routes, ...stages]),
        vault.httpApis().flatMap(({ routes }) => routes.flatMap(({ integration }) => integration ?? [])),
        vault.eventRules(),
        vault.stateMachines(),
        vault.buckets(),
        vault.eventSources(),
        vault.triggers(),
      ].flatMap((parts) => parts.map(({ logicalId }) => logicalId)),
    );
    const skipped = vault.skipped();

    expect([...read, ...skipped.map(({ logicalId }) => logicalId)].sort()).toEqual(
      Object.keys(vault.resolver.template.Resources).sort(),
    );
    expect(skipped).toContainEqual({ type: 'AWS::EC2::VPC', logicalId: expect.any(String) });
  });
});

test('a created resource has its real names, also in policies and variables', () => {
  const shareKey = environmentVault('dev')
    .keys()
    .find(({ logicalId }) => logicalId.includes('ShareKey'));
  const arn = 'arn:aws:kms:eu-central-1:111111111111:key/made';
  const vault = environmentVault('dev', {
    physical: (id, attribute) => (id === shareKey?.logicalId && attribute === 'Arn' ? arn : undefined),
  });

  expect(functionNamed(vault, 'share-vault-dev-seal').environment.SHARE_VAULT_SHARE_KEY_ARN).toBe(arn);
  expect(JSON.stringify(vault.endpoints())).toContain(`"${arn}"`);
  expect(JSON.stringify(everyPolicy(vault))).not.toContain(shareKey?.arn);
});
