import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { dirname } from 'node:path';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import type { StackTemplate } from '../../../../local/emulator/template';
import { compose } from '../../../composition/compositions';
import { templateFile } from '../../../support/template-file';
import { everyPolicy, leftovers, readStatements, writtenStatements } from './statements';

/** Links all stacks of a composed app. */
function templateOf(name: string): StackTemplate {
  const { app, vault } = compose(name);
  const own = Stack.of(vault).nestedStackParent ?? Stack.of(vault);
  return readStack({ app: dirname(templateFile(own, app)) }, new PhysicalNames());
}

describe.each([
  'with consumers in another stack',
  'with a consumer in a nested stack',
  'in a nested stack, with a consumer in its parent',
  'in a stage, with a consumer in another stack of it',
])('a vault %s', (name) => {
  const template = templateOf(name);

  test('lets the consumer invoke an existing alias', () => {
    const aliases = template.aliases().map(({ arn }) => arn);
    const consumers = template.roles().filter(({ logicalId }) => /\/(Consumer|Second)[^/]*$/.test(logicalId));
    const invoked = consumers.map(({ policies }) =>
      policies
        .flatMap(({ document }) => document.Statement)
        .filter(({ Action }) => [Action].flat().includes('lambda:InvokeFunction'))
        .flatMap(({ Resource }) => Resource),
    );

    expect(consumers.length).toBeGreaterThan(0);
    expect(invoked.map((arns) => arns.filter((arn) => !aliases.includes(arn ?? '')))).toEqual(consumers.map(() => []));
    expect(invoked.map((arns) => arns.length > 0)).toEqual(consumers.map(() => true));
  });

  test("includes the consumer's code, and the AWS managed policy of its role", () => {
    const roles = template
      .roles()
      .filter(({ awsManaged }) => awsManaged.includes('service-role/AWSLambdaBasicExecutionRole'));
    const consumers = template
      .functions()
      .filter(({ code, name: own }) => code.kind === 'inline' && !own.startsWith('share-vault-'))
      .map(({ code, role }) => ({ code, managed: roles.some(({ logicalId }) => logicalId === role) }));

    expect(consumers.length).toBeGreaterThan(0);
    expect(consumers).toEqual(
      consumers.map(() => ({ code: { kind: 'inline', source: 'exports.handler = async () => {}' }, managed: true })),
    );
  });

  test('keeps every statement, and resolves every reference in policies', () => {
    expect(readStatements(template)).toHaveLength(writtenStatements(template.resolver.template));
    expect(leftovers(everyPolicy(template))).toEqual([]);
  });
});

test('functions in a network of another stack call through the endpoints that their variables name', () => {
  const vault = templateOf("in another stack's network, with endpoints, a consumer and a topic there");
  const endpoints = vault.endpoints();
  const functions = vault
    .functions()
    .filter(({ network, name }) => network !== undefined && name.startsWith('share-vault-'));

  expect(functions.length).toBeGreaterThanOrEqual(5);
  expect(endpoints.map(({ service, privateDns, functions: through }) => [service, privateDns, through])).toEqual([
    ['kms', false, functions.map(({ logicalId }) => logicalId)],
    ['secretsmanager', false, functions.map(({ logicalId }) => logicalId)],
  ]);
});
