import { describe, expect, test } from '@jest/globals';
import { NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { plain } from '../../local/audit/plain';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const NAMES = [
  'AlarmTopic',
  'ShareKey',
  'IntakeKeys',
  'WebhookKeys',
  'WebhookUrl',
  'WebhookSecret',
  'Parameters',
  'SealFunction',
  'UnsealFunction',
  'RevokeFunction',
  'PropertiesFunction',
  'AuditFunction',
  'FreezeFunction',
  'ThawFunction',
];

/** Keys that only a vault without a webhook lacks. */
const OF_WEBHOOK = ['WebhookKeys', 'WebhookUrl', 'WebhookSecret'];
const WITHOUT_WEBHOOK = NAMES.filter((name) => !OF_WEBHOOK.includes(name));

function outputsOf(stack: Stack): readonly string[] {
  return Object.keys(Template.fromStack(stack).findOutputs('*'));
}

const prefixed = (prefix: string, names = NAMES) => names.map((name) => `${prefix}${name}`);

describe('the outputs of a vault', () => {
  test('are in the stack of any app that composes it, named by its id', () => {
    const { stack } = testVault({ webhook: {} });

    expect(outputsOf(stack)).toEqual(prefixed('Vault'));
  });

  test('name no webhook if the vault has none', () => {
    const { stack } = testVault();

    expect(outputsOf(stack)).toEqual(prefixed('Vault', WITHOUT_WEBHOOK));
  });

  test('of two vaults in one stack differ by the ids of the vaults', () => {
    const stack = testStack();
    testVault({ webhook: {} }, stack);
    // two with a webhook have more resources than a stack may
    testVault({ environment: 'second' }, stack, 'Second');

    expect(outputsOf(stack)).toEqual([...prefixed('Vault'), ...prefixed('Second', WITHOUT_WEBHOOK)]);
  });

  test('of a vault below another construct are named by its path, letters and digits only', () => {
    const stack = testStack();
    testVault({ webhook: {} }, new Construct(stack, 'key-material'));

    expect(outputsOf(stack)).toEqual(prefixed('keymaterialVault'));
  });

  test.each([
    ['Vault-1', 'Vault1'],
    ['Vault1', 'Vault-1'],
  ])('of two vaults whose paths differ in punctuation only have different names: %s, %s', (first, second) => {
    const stack = testStack();
    testVault({ webhook: {} }, stack, first);
    testVault({ environment: 'second' }, stack, second);
    const names = outputsOf(stack);

    expect(names.slice(0, NAMES.length)).toEqual(prefixed('Vault1'));
    expect(new Set(names).size).toBe(NAMES.length + WITHOUT_WEBHOOK.length);
  });

  test('of a vault at a long path differ from those of its neighbour and fit in a logical id', () => {
    const stack = testStack();
    const deep = new Construct(stack, 'a'.repeat(250));
    testVault({}, deep, 'First');
    testVault({ environment: 'second' }, deep, 'Second');
    const names = outputsOf(stack);

    expect(new Set(names).size).toBe(22);
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(255);
  });

  test('of a vault in a nested stack are outputs of that stack', () => {
    const parent = new Stack(new Stage(cdkApp(), 'Stage'), 'Parent');
    const nested = new NestedStack(parent, 'Nested');
    testVault({ webhook: {} }, nested);

    expect(outputsOf(nested)).toEqual(prefixed('Vault'));
    expect(outputsOf(parent)).toEqual([]);
  });

  test('have the values of the parameters, private keys too, and are exported to no other stack', () => {
    const { template } = testVault({ intakeKeyIds: ['a', 'b'], webhook: {} });
    const outputs = plain(template().findOutputs('*'));

    expect(outputs).toMatchObject({
      VaultIntakeKeys: { Value: '{"a":"${VaultKeysintakeaKey.Arn}","b":"${VaultKeysintakebKey.Arn}"}' },
      VaultWebhookKeys: { Value: '{"webhook-1":"${VaultKeyswebhookwebhook1Key.Arn}"}' },
      VaultParameters: { Value: '/share-vault/staging/' },
    });
    expect(JSON.stringify(outputs)).not.toContain('"Export"');
  });
});
