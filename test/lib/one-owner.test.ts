import { describe, expect, test } from '@jest/globals';
import { type Environment, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { cdkApp, fixtureBundles } from '../support/synth';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const ELSEWHERE = { account: '111111111111', region: 'eu-west-2' };
const OTHERS = { account: '222222222222', region: 'eu-west-1' };

function vaultIn(scope: Construct, props: Partial<ShareVaultProps> = {}): ShareVault {
  const { region } = Stack.of(scope);
  const availabilityZones = Token.isUnresolved(region) ? undefined : [`${region}a`, `${region}b`];
  return new ShareVault(scope, 'Vault', {
    environment: 'qa',
    bundles: fixtureBundles(),
    ...(availabilityZones && { availabilityZones }),
    ...props,
  });
}

describe('two vaults of one environment in an app', () => {
  test.each<[string, (scope: Construct) => readonly [Construct, Construct], string]>([
    [
      'stacks without an account and region',
      (app) => [new Stack(app, 'A'), new Stack(app, 'B')],
      'A/Vault and B/Vault',
    ],
    [
      'stacks of one account and region',
      (app) => [new Stack(app, 'A', { env: HERE }), new Stack(app, 'B', { env: HERE })],
      'A/Vault and B/Vault',
    ],
    [
      'a stack and a stack nested in it',
      (app) => {
        const stack = new Stack(app, 'A');
        return [stack, new NestedStack(stack, 'Nested')];
      },
      'A/Vault and A/Nested/Vault',
    ],
    [
      'stages of one account and region',
      (app) => [new Stack(new Stage(app, 'S', { env: HERE }), 'A'), new Stack(new Stage(app, 'T', { env: HERE }), 'A')],
      'S/A/Vault and T/A/Vault',
    ],
  ])('are refused in %s, by both paths', (_where, places, paths) => {
    const [first, second] = places(cdkApp());
    vaultIn(first);

    expect(() => vaultIn(second)).toThrow(
      `environment: expected "qa" for only one vault in an account and region, got it for ${paths}`,
    );
  });

  test.each<[string, Environment]>([
    ['regions', ELSEWHERE],
    ['accounts', OTHERS],
  ])('are made in different %s', (_what, env) => {
    const app = cdkApp();
    vaultIn(new Stack(app, 'A', { env: HERE }));

    expect(() => vaultIn(new Stack(app, 'B', { env }))).not.toThrow();
  });

  test('are made in different apps', () => {
    vaultIn(new Stack(cdkApp(), 'A'));

    expect(() => vaultIn(new Stack(cdkApp(), 'A'))).not.toThrow();
  });
});

describe('two vaults of different environments in an app', () => {
  test('are refused one clusterIdentifier', () => {
    const app = cdkApp();
    vaultIn(new Stack(app, 'A'), { clusterIdentifier: 'wallets' });

    expect(() => vaultIn(new Stack(app, 'B'), { environment: 'qb', clusterIdentifier: 'wallets' })).toThrow(
      'clusterIdentifier: expected "wallets" for only one vault in an account and region, got it for A/Vault/Database',
    );
  });

  test('are made in one stack', () => {
    const stack = new Stack(cdkApp(), 'A');
    vaultIn(stack);

    expect(() => new ShareVault(stack, 'B', { environment: 'qb', bundles: fixtureBundles() })).not.toThrow();
  });
});
