import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { KINDS } from '../../lambda/contract/kinds';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import { Parts } from '../support/values/parts';
import { testVault } from '../support/vault';

/** Value of a shell variable that is not set. */
const UNSET = undefined as unknown as string;

describe('a name from a variable that is not set', () => {
  const parts = new Parts();
  const { stack, vault } = testVault();

  test.each<[string, () => unknown, string]>([
    ['an imported vault', () => parts.importedWith({ environment: UNSET }), 'environment: expected a name like'],
    [
      'a vault that is looked up',
      () => parts.lookedUpWith({ environment: UNSET }),
      'environment: expected a name like',
    ],
    ['a vault', () => testVault({ environment: UNSET }), 'environment: expected a name like'],
    ['an intake key', () => testVault({ intakeKeyIds: [UNSET] }), 'intakeKeyIds: expected 1 to 64 letters'],
    [
      'an actor that a function is connected as',
      () => parts.connectWith({ actor: UNSET }),
      'actor: expected a name like',
    ],
    ['an actor of a grant', () => parts.grantAs(UNSET), 'actor: expected a name like'],
  ])('is refused as the name of %s', (_what, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(/got undefined$/);
  });

  test('leaves a function untouched that could not be connected', () => {
    const consumer = parts.consumer();

    expect(() => vault.connect(consumer, { actor: UNSET })).toThrow('actor: expected');
    expect(
      Template.fromStack(stack).findResources('AWS::Lambda::Function', {
        Properties: { Environment: { Variables: { SHARE_VAULT_ACTOR: UNSET } } },
      }),
    ).toEqual({});
    expect(() => parts.importedWith({}).connect(consumer, { actor: 'signer' })).not.toThrow();
  });

  test.each<[string, () => unknown, string]>([
    ['a vault', () => Reflect.construct(ShareVault, [parts.stack, parts.id()]) as unknown, 'props: expected an object'],
    [
      'an imported vault',
      () => ShareVault.fromShareVaultAttributes(parts.stack, parts.id(), UNSET as never),
      'attributes: expected an object',
    ],
    [
      'a vault that is looked up',
      () => ShareVault.fromLookup(parts.stack, parts.id(), UNSET as never),
      'lookup: expected an object',
    ],
    [
      'a connection',
      () => parts.importedWith({}).connect(parts.consumer(), UNSET as never),
      'options: expected an object',
    ],
    ['a grant', () => parts.importedWith({}).grantUnseal(parts.role, UNSET as never), 'options: expected an object'],
    ['an actor', () => vault.addActor('signer', null as never), 'actor "signer": expected an object'],
    ['a webhook', () => testVault({ webhook: 'yes' as never }), 'webhook: expected an object'],
  ])('is reported if props are missing as a whole: %s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('actors that an app reads from its context', () => {
  const { vault } = testVault();
  const context = { actors: { signer: { kinds: ['delegated-share'] }, ops: { kinds: ['delegatedShare'] } } };

  test('are refused by actor and kind if one kind is misspelt, which would take every actor of the function down', () => {
    const actors = new App({ context }).node.tryGetContext('actors') as Record<string, { kinds: MaterialKind[] }>;
    vault.addActor('signer', { ...actors.signer, operations: [Operation.UNSEAL] });

    expect(() => vault.addActor('ops', { ...actors.ops, operations: [Operation.UNSEAL] })).toThrow(
      'actor "ops": kinds: expected delegated-share or server-key-shares, got "delegatedShare"',
    );
  });

  test('have exactly the kinds that the functions know', () => {
    expect(Object.values(MaterialKind)).toEqual(KINDS);
    expect(() => vault.addActor('more', { kinds: [MaterialKind.SERVER_KEY_SHARES] })).not.toThrow();
  });
});
