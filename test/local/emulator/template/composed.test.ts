import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { dirname, join } from 'node:path';
import { StackTemplate } from '../../../../local/emulator/template';
import { compose } from '../../../composition/compositions';
import { templateFile } from '../../../support/template-file';
import { DEPLOYMENT } from './support';
import { everyPolicy, leftovers, readStatements, writtenStatements } from './statements';

/** Opens every template of a composed app, nested stacks included; stacks read each other's outputs. */
function templatesOf(name: string): readonly StackTemplate[] {
  const { app, vault } = compose(name);
  const own = Stack.of(vault).nestedStackParent ?? Stack.of(vault);
  const directory = dirname(templateFile(own, app));
  const opened = new Map<string, StackTemplate>();
  const outputs = (stack: string, output: string) => {
    const value = opened.get(stack)?.resolver.output(output);
    return typeof value === 'string' ? value : undefined;
  };
  const stacks = (own.node.scope ?? app).node.children.filter((child) => Stack.isStack(child));
  for (const { stackName, templateFile: file } of stacks) {
    opened.set(stackName, StackTemplate.open(join(directory, file), { ...DEPLOYMENT, stack: stackName, outputs }));
  }
  return [...opened.values()].flatMap((parent) => [
    parent,
    ...parent.nestedStacks().map((part) => parent.nested(part)),
  ]);
}

describe.each([
  'with consumers in another stack',
  'with a consumer in a nested stack',
  'in a nested stack, with a consumer in its parent',
  'in a stage, with a consumer in another stack of it',
])('a vault %s', (name) => {
  const templates = templatesOf(name);

  test('lets the consumer invoke an existing alias', () => {
    const aliases = templates.flatMap((template) => template.aliases().map(({ arn }) => arn));
    const consumers = templates.flatMap((template) =>
      template.roles().filter(({ logicalId }) => /^(Consumer|Second)/.test(logicalId)),
    );
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
    const consumers = templates.flatMap((template) => {
      const roles = template
        .roles()
        .filter(({ awsManaged }) => awsManaged.includes('service-role/AWSLambdaBasicExecutionRole'));
      return template
        .functions()
        .filter(({ code, name }) => code.kind === 'inline' && !name.startsWith('share-vault-'))
        .map(({ code, role }) => ({ code, managed: roles.some(({ logicalId }) => logicalId === role) }));
    });

    expect(consumers.length).toBeGreaterThan(0);
    expect(consumers).toEqual(
      consumers.map(() => ({ code: { kind: 'inline', source: 'exports.handler = async () => {}' }, managed: true })),
    );
  });

  test('keeps every statement, and resolves every reference in policies', () => {
    const written = templates.map(({ resolver }) => writtenStatements(resolver.template));

    expect(templates.map((template) => readStatements(template).length)).toEqual(written);
    expect(templates.flatMap((template) => leftovers(everyPolicy(template)))).toEqual([]);
  });
});

test('functions in a network of another stack call through the endpoints that their variables name', () => {
  const templates = templatesOf("in another stack's network, with endpoints, a consumer and a topic there");
  const [vault] = templates.filter((template) => template.databases().length > 0);
  const endpoints = vault?.endpoints() ?? [];
  const functions = vault?.functions().filter(({ network }) => network !== undefined) ?? [];

  expect(functions.length).toBeGreaterThanOrEqual(5);
  expect(endpoints.map(({ service, privateDns, functions: through }) => [service, privateDns, through])).toEqual([
    ['kms', false, functions.map(({ logicalId }) => logicalId)],
    ['secretsmanager', false, functions.map(({ logicalId }) => logicalId)],
  ]);
});
