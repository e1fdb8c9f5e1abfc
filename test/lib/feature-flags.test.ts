import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import type { TemplateJson } from '../support/mutate';
import { policiesOf } from '../support/policies';
import { testVault } from '../support/vault';
import { permissionsOf } from '../support/permissions';

/** Flags of the CDK that no list recommends: they change how aspects run and the L1 constructs that accept grants. */
const FURTHER = { '@aws-cdk/core:aspectStabilization': true, '@aws-cdk/core:automaticL1Traits': true };
const FLAGS: Readonly<Record<string, unknown>> = { ...recommended, ...FURTHER };
/** Each flag with the opposite value. */
const REVERSED = Object.fromEntries(
  Object.entries(FLAGS).flatMap(([flag, value]) => (typeof value === 'boolean' ? [[flag, !value] as const] : [])),
);

/** Creates a vault with everything that has a policy, in an app with these flags. */
function templateWith(flags: Readonly<Record<string, unknown>>): TemplateJson {
  const app = new App({ context: { ...flags, 'aws:cdk:disable-creation-stack-traces': true } });
  const { vault, template } = testVault(
    { environment: 'prod', webhook: {}, consumerEndpoint: true },
    new Stack(app, 'Test'),
  );
  vault.addActor('partner', {
    kinds: [MaterialKind.DELEGATED_SHARE],
    operations: [Operation.SEAL, Operation.UNSEAL],
    accounts: ['333333333333'],
  });
  return template().toJSON() as TemplateJson;
}

/**
 * Returns a template without its policies, and without the hashes in the logical ids of versions: flags choose the
 * hashed properties.
 */
function beside(template: TemplateJson): unknown {
  const policies = policiesOf(template);
  const text = JSON.stringify(template.Resources, (id: string, value: unknown) => {
    return policies.has(id.replace(/[0-9A-F]{8}$/, '')) ? undefined : value;
  });
  return JSON.parse(text.replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1'));
}

describe.each([
  ['with every flag that the CDK recommends', FLAGS],
  ['with every one of those flags reversed', REVERSED],
])('an app %s', (_what, flags) => {
  const bare = templateWith({});
  const flagged = templateWith(flags);

  test('has a vault with the same permissions, in the same policies, as an app without flags', () => {
    expect(permissionsOf(flagged)).toEqual(permissionsOf(bare));
    expect(permissionsOf(bare).size).toBeGreaterThan(25);
  });

  test('has every other resource of a vault as an app without flags', () => {
    expect(beside(flagged)).toEqual(beside(bare));
  });
});

test('the flags that are reversed are nearly all that the CDK recommends', () => {
  expect(Object.keys(REVERSED).length).toBeGreaterThan(80);
});
