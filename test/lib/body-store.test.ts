import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { BodyStore } from '../../lib/body-store';
import { Egress } from '../../lib/egress';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { VaultLogin } from '../../lib/vault-login';
import { azureBodies, googleBodies, secretsManagerBodies, vaultBodies } from '../support/body-stores';
import { AZURE, googleKey, VAULT, VAULT_ROLES } from '../support/external-keys';
import { actionsOf, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

const USERS = ['seal', 'receive', 'unseal', 'revoke', 'migrate'];

function vaultWith(props: Partial<ShareVaultProps>) {
  const made = testVault({ webhook: {}, ...props });
  made.vault.addActor('backend');
  return { ...made, template: made.template() };
}

/** The description of the store by function. */
function storesOf(template: Template): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const entries = functions.flatMap(({ Properties }) => {
    const { FunctionName = '', Environment } = Properties as {
      FunctionName?: string;
      Environment?: { Variables: Record<string, unknown> };
    };
    const value = Environment?.Variables.SHARE_VAULT_BODY_STORE;
    if (value === undefined) return [];
    const text = typeof value === 'string' ? value : JSON.stringify((value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'REF'))); // prettier-ignore
    const written = typeof value === 'string' ? value : (JSON.parse(text) as string[]).join('');
    const handler = FunctionName.slice('share-vault-staging-'.length);
    return [[handler, JSON.parse(written) as Readonly<Record<string, unknown>>] as const];
  });
  return Object.fromEntries(entries);
}

const bodyStatements = (template: Template, role: string) =>
  statementsOf(template, 'AWS::IAM::ManagedPolicy', role).filter(({ Sid }) => String(Sid).includes('Bodies'));

describe('a vault with bodies in Secrets Manager', () => {
  const { template, stack } = vaultWith({ bodyStore: secretsManagerBodies() });

  test('tells the functions that use bodies about the store, and no others', () => {
    const stores = storesOf(template);

    expect(Object.keys(stores).sort()).toEqual([...USERS].sort());
    expect(stores.seal).toEqual({ type: 'secrets-manager', maxRecords: 1_000, storageKey: 'REF', recoveryDays: 7 });
  });

  test.each([
    ['VaultFunctionsseal', ['AllowCreateBodies', 'AllowBodiesKey']],
    ['VaultWebhookFunction', ['AllowCreateBodies', 'AllowDestroyBodies', 'AllowBodiesKey']],
    ['VaultFunctionsunseal', ['AllowReadBodies', 'AllowBodiesKey']],
    ['VaultFunctionsrevoke', ['AllowDestroyBodies']],
    ['VaultMigrationFunction', ['AllowDestroyBodies', 'AllowListBodies']],
    ['VaultFunctionsproperties', []],
    ['VaultFunctionsaudit', []],
  ])('gives the role of %s the rights %j', (role, sids) => {
    expect(bodyStatements(template, role).map(({ Sid }) => Sid)).toEqual(sids);
  });

  test('lets seal create secrets below its own name only, under the storage key only, from its function only', () => {
    const [create] = bodyStatements(template, 'VaultFunctionsseal');

    expect(create).toMatchObject({
      Action: 'secretsmanager:CreateSecret',
      Resource: expect.stringMatching(/:secret:share-vault\/staging\/bodies\/\*$/),
      Condition: {
        ArnLike: { 'lambda:SourceFunctionArn': [expect.anything(), expect.anything()] },
        StringEquals: { 'secretsmanager:KmsKeyId': expect.stringContaining('StorageKey') },
      },
    });
  });

  test('lets Secrets Manager use the storage key for bodies only, and for its check of a new one', () => {
    const key = bodyStatements(template, 'VaultFunctionsseal').find(({ Sid }) => Sid === 'AllowBodiesKey');

    expect(key?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(key?.Condition).toMatchObject({
      StringEquals: { 'kms:ViaService': expect.stringContaining('secretsmanager.') },
      StringLike: {
        'kms:EncryptionContext:SecretARN': [
          expect.stringMatching(/share-vault\/staging\/bodies\/\*$/),
          'RequestToValidateKeyAccess',
        ],
      },
    });
  });

  test('passes the endpoint of Secrets Manager with the same calls', () => {
    const statements = statementsOf(template, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointsecretsmanager');
    const actions = statements.flatMap(actionsOf);

    expect(actions.filter((action) => action === 'secretsmanager:CreateSecret')).toHaveLength(2);
    expect(actions.filter((action) => action === 'secretsmanager:DeleteSecret')).toHaveLength(3);
    expect(actions.filter((action) => action === 'secretsmanager:ListSecrets')).toHaveLength(1);
  });

  test('needs no way out of the network, and has none', () => {
    template.resourceCountIs('AWS::EC2::Route', 0);
  });

  test('warns of what its most records cost a month', () => {
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('1,000 records cost about \\$400 a month'));
  });
});

describe('a vault with bodies outside AWS', () => {
  test.each([
    ['Google Secret Manager', googleBodies, ['secretmanager.googleapis.com', 'sts.googleapis.com']],
    ['Azure Key Vault', azureBodies, ['login.microsoftonline.com', 'shares.vault.azure.net']],
    ['HashiCorp Vault', vaultBodies, ['vault.example.com']],
  ])(
    'in %s is refused without a way out, and with a firewall passes the hosts of the store',
    (_name, bodies, hosts) => {
      expect(() => vaultWith({ bodyStore: bodies() })).toThrow('egress: expected a way to ');

      const { template } = vaultWith({ bodyStore: bodies(), egress: Egress.firewall() });

      template.hasResourceProperties('AWS::NetworkFirewall::RuleGroup', {
        RuleGroup: Match.objectLike({ RulesSource: { RulesSourceList: Match.objectLike({ Targets: hosts }) } }),
      });
      expect(Object.keys(storesOf(template)).sort()).toEqual([...USERS].sort());
    },
  );

  test('gives each function the identity of its one right', () => {
    const { template } = vaultWith({ bodyStore: azureBodies(), egress: Egress.firewall() });
    const clients = Object.fromEntries(Object.entries(storesOf(template)).map(([name, { client }]) => [name, client]));

    const destroy = '44444444-4444-4444-4444-444444444444';
    expect(clients).toEqual({
      ...{ seal: AZURE.sealClientId, receive: AZURE.sealClientId, unseal: AZURE.unsealClientId },
      ...{ revoke: destroy, migrate: destroy },
    });
  });

  test('moves only the functions that call the store into the subnets with a way out', () => {
    const { template } = vaultWith({ bodyStore: googleBodies(), egress: Egress.firewall() });
    const outside = Object.values(template.findResources('AWS::Lambda::Function'))
      .filter(({ Properties }) => JSON.stringify(Properties).includes('NetworkEgressFunctions1Subnet'))
      .map(({ Properties }) =>
        (Properties as { FunctionName: string }).FunctionName.slice('share-vault-staging-'.length),
      );

    expect(outside.sort()).toEqual([...USERS].sort());
    expect(JSON.stringify(template.findResources('AWS::RDS::DBSubnetGroup'))).not.toContain('Egress');
  });

  test('gets one permission for each audience of its keys and its store together', () => {
    const { template } = vaultWith({
      otherKeys: [googleKey()],
      bodyStore: vaultBodies(),
      egress: Egress.firewall(),
    });
    const statements = statementsOf(template, 'AWS::IAM::ManagedPolicy', 'VaultFunctionsseal');
    const tokens = statements.filter(({ Action }) => Action === 'sts:GetWebIdentityToken').map(({ Sid }) => Sid);

    expect(tokens).toEqual(['AllowIdentityToken', 'AllowIdentityToken2']);
  });
});

describe('a body store', () => {
  test('is refused without maxRecords, which bounds its cost', () => {
    expect(() => BodyStore.secretsManager({} as never)).toThrow(
      'maxRecords: expected a whole number from 1 to 100000, got undefined',
    );
  });

  test.each([6, 31])('in Secrets Manager is refused with a recovery window of %d days', (count) => {
    const recoveryWindow = Duration.days(count);

    expect(() => BodyStore.secretsManager({ maxRecords: 1, recoveryWindow })).toThrow('recoveryWindow: expected');
  });

  test('in Secrets Manager may destroy at once', () => {
    const store = BodyStore.secretsManager({ maxRecords: 1, recoveryWindow: Duration.days(0) });

    expect(store._describe('seal', 'ARN')).toMatchObject({ recoveryDays: 0 });
  });

  test('in HashiCorp Vault is refused for a login without a role that destroys', () => {
    const login = VaultLogin.jwt(VAULT_ROLES);

    expect(() => BodyStore.vaultKv({ maxRecords: 1, address: VAULT.address, login })).toThrow(
      'destroyRole: expected a role of the auth method for a body store, got none',
    );
  });

  test.each([
    ['seal', VAULT_ROLES.sealRole],
    ['unseal', VAULT_ROLES.unsealRole],
  ])('in HashiCorp Vault is refused if the role that destroys is also that to %s', (purpose, destroyRole) => {
    expect(() => VaultLogin.jwt({ ...VAULT_ROLES, destroyRole })).toThrow(
      `destroyRole: expected another one than to ${purpose}, got the same`,
    );
  });

  test.each(['seal', 'unseal'] as const)(
    'in Azure is refused if the client that destroys is also that to %s',
    (purpose) => {
      const { sealClientId: seal, unsealClientId: unseal, tenantId } = AZURE;
      const clients = { seal, unseal, destroy: { seal, unseal }[purpose] };
      const props = { maxRecords: 1, vaultUrl: 'https://shares.vault.azure.net', tenantId, recovery: Duration.days(7) };
      expect(() => BodyStore.azureKeyVault({ ...props, clients })).toThrow(
        `clients.destroy: expected another one than to ${purpose}, got the same`,
      );
    },
  );

  test('that is none is refused by the vault', () => {
    expect(() => vaultWith({ bodyStore: { maxRecords: 1 } as never })).toThrow(
      'bodyStore: expected a store such as BodyStore.secretsManager(…), got an object',
    );
  });
});
