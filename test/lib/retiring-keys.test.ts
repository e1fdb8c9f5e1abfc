import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CANARY_CONTEXT } from '../../lambda/contract/canary-context';
import { ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import { ENV } from '../../lambda/contract/variables';
import { Egress } from '../../lib/egress';
import type { IRecordKey } from '../../lib/record-key';
import { ShareKey } from '../../lib/share-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { at } from '../../local/audit/checks/template';
import { plain } from '../../local/audit/plain';
import { secretsManagerBodies } from '../support/body-stores';
import { azureKey, googleKey } from '../support/external-keys';
import { propertiesOf } from '../support/resources';
import { actionsOf, allowing, statementsOf } from '../support/statements';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const environment = 'staging';
const [OWN, NEXT] = ['${VaultKeysShareKey.Arn}', '${NextKey.Arn}'];

/** A vault beside a key that was created before it, as each step of a replacement has them. */
function vaultBeside(props: (next: ShareKey) => Partial<ShareVaultProps>) {
  const stack = testStack();
  const given = props(new ShareKey(stack, 'Next', { environment }));
  // keys outside AWS need a way to them
  const egress = given.retiringShareKeys?.some(({ providerId }) => providerId !== 'aws-kms') && Egress.firewall();
  const made = testVault({ ...given, ...(egress && { egress }) }, stack).template();
  const variables = (handler: string): Readonly<Record<string, unknown>> => {
    const functions = [...propertiesOf(made, 'AWS::Lambda::Function').values()];
    const found = functions.find(({ FunctionName }) => FunctionName === `share-vault-staging-${handler}`);
    return (plain(found?.Environment) as { Variables: Record<string, unknown> }).Variables;
  };
  const users = (key: string, action: string) =>
    allowing(statementsOf(made, 'AWS::KMS::Key', key), action).map(({ Principal }) => at(Principal, 'AWS'));
  return { made, variables, users };
}

const ROLES = {
  seal: '${VaultFunctionssealRole.Arn}',
  unseal: '${VaultFunctionsunsealRole.Arn}',
  reseal: '${VaultResealFunctionRole.Arn}',
};

describe('a vault with a retiring share key', () => {
  const { made, variables, users } = vaultBeside((shareKey) => ({ shareKey, retiringShareKeys: [ShareKey.ofVault()] }));

  test('keeps the former key of its own under the same logical id, so that CloudFormation neither deletes nor replaces it', () => {
    const [id] = Object.keys(made.findResources('AWS::KMS::Key')).filter((each) => each.includes('ShareKey'));
    const before = Object.keys(testVault().template().findResources('AWS::KMS::Key'));

    expect(before).toContain(id);
  });

  test('lets the retiring key open for unseal and reseal, and seal for nobody', () => {
    expect(users('VaultKeysShareKey', 'kms:Decrypt')).toEqual([[ROLES.unseal, ROLES.reseal]]);
    expect(users('VaultKeysShareKey', 'kms:GenerateDataKey')).toEqual([]);
  });

  test('seals under the new key only', () => {
    expect(users('Next', 'kms:GenerateDataKey')).toEqual([ROLES.seal, ROLES.reseal]);
    expect(users('Next', 'kms:Decrypt')).toEqual([ROLES.unseal, ROLES.reseal]);
  });

  test.each(['unseal', 'reseal', 'migrate'])('names the retiring key to %s as one that opens', (handler) => {
    expect(variables(handler)).toMatchObject({
      [ENV.shareKeyArn]: NEXT,
      [ENV.openingKeyArns]: JSON.stringify([OWN]),
    });
  });

  test.each(['seal', 'revoke', 'audit', 'properties'])('names the retiring key not to %s', (handler) => {
    expect(variables(handler)).not.toHaveProperty(ENV.openingKeyArns);
  });

  test('passes the endpoint for KMS with Decrypt on both keys, and with GenerateDataKey on the new key only', () => {
    const passing = statementsOf(made, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointkms')
      .filter(({ Condition }) => /unseal|Reseal/.test(JSON.stringify(Condition)))
      .map((statement) => [actionsOf(statement), statement.Resource]);

    expect(passing).toEqual([
      [['kms:Decrypt'], [NEXT, OWN]],
      [['kms:DescribeKey', 'kms:GenerateDataKey'], NEXT],
      [['kms:Decrypt'], [NEXT, OWN]],
    ]);
  });

  test('reports changes to the retiring key like those to the new one', () => {
    const rules = made.findResources('AWS::Events::Rule', { Properties: { Name: 'share-vault-staging-KeyChanges' } });

    expect(JSON.stringify(plain(Object.values(rules)))).toContain(OWN);
  });

  test('lets the retiring key be used from the network of the vault only', () => {
    const [statement] = allowing(statementsOf(made, 'AWS::KMS::Key', 'VaultKeysShareKey'), 'kms:Decrypt');

    expect(statement?.Condition?.StringEquals).toMatchObject({ 'aws:SourceVpc': '${VaultNetworkVpc}' });
  });
});

describe('a vault with its next share key among the retiring ones', () => {
  const { variables, users } = vaultBeside((next) => ({ retiringShareKeys: [next] }));

  test('opens with the next key, so that a rolled-back replacement leaves no record unreadable', () => {
    expect(users('Next', 'kms:Decrypt')).toEqual([[ROLES.unseal, ROLES.reseal]]);
    expect(variables('unseal')).toMatchObject({ [ENV.shareKeyArn]: OWN, [ENV.openingKeyArns]: JSON.stringify([NEXT]) });
  });

  test('seals under its own key only', () => {
    expect(users('Next', 'kms:GenerateDataKey')).toEqual([]);
    expect(users('VaultKeysShareKey', 'kms:GenerateDataKey')).toEqual([ROLES.seal, ROLES.reseal]);
  });
});

describe('a vault with retiring share keys that tests its restores', () => {
  const CHECKER = '${VaultRestoreTestingFunctionRole.Arn}';
  const { made, variables } = vaultBeside((shareKey) => ({
    shareKey,
    retiringShareKeys: [ShareKey.ofVault(), new ShareKey(Stack.of(shareKey), 'Other', { environment })],
    restoreTesting: {},
  }));
  const OPENING = [OWN, '${OtherKey.Arn}'];

  /** Returns the statements of a key's policy that name the function which checks restores. */
  const usesOf = (key: string) =>
    statementsOf(made, 'AWS::KMS::Key', key)
      .filter(({ Principal }) => JSON.stringify(Principal).includes(CHECKER))
      .map((each) => ({ actions: actionsOf(each), principal: each.Principal, conditions: each.Condition }));

  test.each(['VaultKeysShareKey', 'Other'])(
    'lets restore-check open canaries with the retiring key %s from the network of the vault, and seal none',
    (key) => {
      const conditions = {
        StringEquals: {
          'kms:EncryptionContext:environment': environment,
          'kms:EncryptionContext:kind': CANARY_CONTEXT.kind,
          'aws:SourceVpc': '${VaultNetworkVpc}',
        },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': [...CANARY_CONTEXT.names] },
        Null: Object.fromEntries(CANARY_CONTEXT.names.map((name) => [`kms:EncryptionContext:${name}`, 'false'])),
      };

      expect(usesOf(key)).toEqual([{ actions: ['kms:Decrypt'], principal: { AWS: CHECKER }, conditions }]);
    },
  );

  test('lets restore-check seal canaries with the new key only', () => {
    expect(usesOf('Next')).toMatchObject([{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'] }]);
  });

  test('names the retiring keys to restore-check as keys that open', () => {
    expect(variables('restore-check')).toMatchObject({
      [ENV.shareKeyArn]: NEXT,
      [ENV.openingKeyArns]: JSON.stringify(OPENING),
    });
  });

  test('passes the endpoint for KMS with Decrypt of restore-check on all keys, and with GenerateDataKey on the new key only', () => {
    const passing = statementsOf(made, 'AWS::EC2::VPCEndpoint', 'VaultNetworkEndpointkms')
      .filter(({ Condition }) => JSON.stringify(Condition).includes(CHECKER))
      .map((statement) => [actionsOf(statement), statement.Resource]);

    expect(passing).toEqual([
      [['kms:GenerateDataKey'], NEXT],
      [['kms:Decrypt'], expect.arrayContaining([NEXT, ...OPENING])],
    ]);
  });
});

describe('a retiring key outside AWS', () => {
  const { variables } = vaultBeside((shareKey) => ({ shareKey, retiringShareKeys: [googleKey()] }));

  test('is described with the identity that unwraps, to the functions that open and to the migration', () => {
    const described = JSON.stringify([googleKey()._describe('unseal')]);

    for (const handler of ['unseal', 'reseal', 'migrate']) {
      expect(variables(handler)[ELSEWHERE_ENV.openingKeys]).toBe(described);
    }
    expect(variables('seal')).not.toHaveProperty(ELSEWHERE_ENV.openingKeys);
  });

  test('beside an external share key, lets reseal unwrap with the identity of unseal what the share key wrapped', () => {
    const keys = { shareKey: azureKey(), retiringShareKeys: [googleKey()] };
    const described = JSON.stringify([azureKey()._describe('unseal'), googleKey()._describe('unseal')]);

    expect(vaultBeside(() => keys).variables('reseal')[ELSEWHERE_ENV.openingKeys]).toBe(described);
  });
});

describe('retiring share keys', () => {
  const vaultWith = (props: (next: ShareKey) => Partial<ShareVaultProps>) => () => vaultBeside(props);
  const five = (next: ShareKey): IRecordKey[] =>
    [1, 2, 3, 4, 5].map((place) => new ShareKey(Stack.of(next), `Key${place}`, { environment }));

  test("are refused if one is the vault's own key, which seals without shareKey", () => {
    expect(vaultWith(() => ({ retiringShareKeys: [ShareKey.ofVault()] }))).toThrow(
      "retiringShareKeys: expected shareKey together with ShareKey.ofVault(), got none: the vault's own key seals",
    );
  });

  test('are refused if one is the share key', () => {
    expect(vaultWith((next) => ({ shareKey: next, retiringShareKeys: [next] }))).toThrow(
      'retiringShareKeys: expected keys other than shareKey, got that one',
    );
    expect(vaultWith(() => ({ shareKey: googleKey(), retiringShareKeys: [googleKey()] }))).toThrow(
      `retiringShareKeys: expected keys other than shareKey, got ${googleKey()._name}`,
    );
  });

  test('are refused if one is listed twice', () => {
    expect(vaultWith((next) => ({ retiringShareKeys: [next, next] }))).toThrow(
      'retiringShareKeys: expected different keys, got one twice',
    );
  });

  test('are refused if there are more than four', () => {
    expect(vaultWith((next) => ({ retiringShareKeys: five(next) }))).toThrow(
      'retiringShareKeys: expected at most 4 keys, got 5',
    );
  });

  test('are refused beside a body store, whose entries are never replaced', () => {
    expect(vaultWith((next) => ({ retiringShareKeys: [next], bodyStore: secretsManagerBodies() }))).toThrow(
      "retiringShareKeys: expected none together with bodyStore, got both: bodies can't be resealed",
    );
  });

  test.each([
    ['of another environment', { environment: 'prod' }, 'expected one of environment staging, got one of prod'],
    [
      'that its stack deletes',
      { environment, removalPolicy: RemovalPolicy.DESTROY },
      'expected one that outlives its stack as its vault does, got one with removalPolicy DESTROY',
    ],
  ])('are refused if one is a key %s', (_what, props, message) => {
    const stack = testStack();
    const retiringShareKeys = [new ShareKey(stack, 'Other', props)];

    expect(() => testVault({ retiringShareKeys }, stack)).toThrow(`retiringShareKeys: ${message}`);
  });

  test('are refused if one is in another stack', () => {
    const app = cdkApp();
    const stack = testStack(undefined, app);
    const retiringShareKeys = [new ShareKey(new Stack(app, 'Keys'), 'Other', { environment })];

    expect(() => testVault({ retiringShareKeys }, stack)).toThrow(
      "retiringShareKeys: expected one in the vault's own stack, got one in Keys",
    );
  });
});
