import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { compose } from '../../composition/compositions';
import { cdkApp, environmentStack, testStack } from '../../support/synth';
import { testVault } from '../../support/vault';
import { PACKS, packFindings } from './packs';

/** The findings in a composed app that are about its vault. */
function findingsOfVault(name: string): readonly string[] {
  const { app, vault } = compose(name);
  app.synth();
  const stack = Stack.of(vault);
  return packFindings(stack.nestedStackParent ?? stack).filter((line) => line.includes('Vault/'));
}

describe('the rule packs in the app of a consumer', () => {
  test.each([
    'with consumers in another stack',
    'in a nested stack, with a consumer in its parent',
    'in a stage, with a consumer in another stack of it',
    'with a webhook beside another one in the same stack',
    "with a webhook that opens another stack's private key, under a key there",
    'in an imported network',
    "in another stack's network, with endpoints, a consumer and a topic there",
    'with a consumer inside its own network',
  ])('have nothing against a vault %s', (name) => {
    expect(findingsOfVault(name)).toEqual([]);
  });

  test.each(['dev', 'staging', 'prod'] as const)('pass %s as plugins of the app', (environment) => {
    const app = cdkApp();
    environmentStack(environment, app);
    Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)));

    expect(() => app.synth()).not.toThrow();
  });

  test('still find what is wrong beside the vault', () => {
    const app = cdkApp();
    const stack = environmentStack('staging', app);
    new sqs.Queue(stack, 'Queue');
    app.synth();

    expect(packFindings(stack)).toEqual([
      'AwsSolutions-SQS3 at Queue/Resource',
      'AwsSolutions-SQS4 at Queue/Resource',
      'Serverless-SQSRedrivePolicy at Queue/Resource',
    ]);
  });

  test('still name a database that its owner chose to leave unprotected', () => {
    const { stack } = testVault({ removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(stack);

    expect(packFindings(stack)).toContain('AwsSolutions-RDS10 at Vault/Database/Cluster/Resource');
  });
});

test('acknowledgements leave no trace in the template', () => {
  const { template } = testVault({ webhook: {} }, testStack());

  expect(JSON.stringify(template().toJSON())).not.toMatch(/acknowledge|AwsSolutions|cdk[_-]nag/i);
});
