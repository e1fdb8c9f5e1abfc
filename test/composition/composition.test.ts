import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ShareKey } from '../../lib/share-key';
import type { ShareVault } from '../../lib/share-vault';
import { dependenciesHaveNoCycle, type TemplateJson } from '../../local/audit/lifecycle';
import { cdkApp } from '../support/synth';
import { type Composition, NAMES, compose, vaultIn } from './compositions';

/** Types of resources with data: a deploy would replace one if its logical id changed. */
const STATEFUL = [
  'AWS::KMS::Key',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
];

function statefulIds(vault: ShareVault): readonly string[] {
  return vault.node
    .findAll()
    .filter((child) => CfnResource.isCfnResource(child))
    .filter(({ cfnResourceType }) => STATEFUL.includes(cfnResourceType))
    .map((resource) => Stack.of(vault).resolve(resource.logicalId) as string)
    .filter((id) => !id.startsWith('VaultNetwork'))
    .sort();
}

/** Returns the actions that the policies of the consumers' roles allow. */
function allowedActions({ consumers }: Composition): readonly string[][] {
  return consumers.map((consumer) =>
    consumer.node
      .findAll()
      .filter((child) => child instanceof iam.Policy)
      .flatMap(({ document }) => document.toJSON() as { readonly Statement: readonly { Action: string | string[] }[] })
      .flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)),
  );
}

/** Logical ids of every vault, with or without a webhook. */
function common(vault: ShareVault): readonly string[] {
  // the guard's log exists only if a rollback deletes the database
  return statefulIds(vault).filter((id) => !/^Vault(Webhook|DatabaseGuard)/.test(id));
}

/** Returns the templates of all stacks of an app, including nested ones and those of stages. */
function templatesIn(directory: string): readonly TemplateJson[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as TemplateJson);
}

const CONSUMED = NAMES.filter((name) => name !== 'by itself');

describe('a vault', () => {
  // the flag of cdk.json turns the validator's findings into errors, cycles among them
  test.each(NAMES)('%s synthesizes without a cycle, and its stack waits for no consumer', (name) => {
    const { app, vault, consumers } = compose(name);

    expect(() => app.synth()).not.toThrow();
    expect(templatesIn(app.outdir).flatMap((template) => dependenciesHaveNoCycle(template))).toEqual([]);
    // the vault waits for the network of a consumer's stack
    const own = [Stack.of(vault), Stack.of(vault).nestedStackParent, Stack.of(vault.network.vpc)];
    const others = consumers.map((consumer) => Stack.of(consumer)).filter((stack) => !own.includes(stack));
    const awaited = own.flatMap((stack) => stack?.dependencies ?? []).filter((stack) => others.includes(stack));
    expect(awaited.map(({ stackName }) => stackName)).toEqual([]);
  });

  test.each(CONSUMED)('%s lets each consumer invoke', (name) => {
    const composition = compose(name);

    expect(allowedActions(composition)).toEqual(
      composition.consumers.map(() => expect.arrayContaining(['lambda:InvokeFunction'])),
    );
  });

  test.each(CONSUMED)('%s has the same logical ids for its data resources', (name) => {
    expect(common(compose(name).vault)).toEqual(common(compose('by itself').vault));
  });

  test('keeps these logical ids for its data resources permanently', () => {
    expect(statefulIds(compose('with a webhook').vault)).toMatchSnapshot();
  });
});

describe('the check for cycles', () => {
  test('finds an endpoint and a key that name each other in their policies', () => {
    const app = cdkApp();
    const stack = new Stack(app, 'Mine');
    const policyOf = (more: object) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Principal: { AWS: '111111111111' }, ...more }],
    });
    const endpoint = new CfnResource(stack, 'Endpoint', {
      type: 'AWS::EC2::VPCEndpoint',
      properties: { VpcId: 'vpc-0123456789abcdef0', ServiceName: 'com.amazonaws.eu-west-1.kms' },
    });
    const condition = { StringEquals: { 'aws:SourceVpce': endpoint.ref } };
    const key = new CfnResource(stack, 'Key', {
      type: 'AWS::KMS::Key',
      properties: { KeyPolicy: policyOf({ Resource: '*', Condition: condition }) },
    });
    endpoint.addPropertyOverride('PolicyDocument', policyOf({ Resource: key.getAtt('Arn') }));

    expect(() => app.synth()).toThrow('Circular dependency with [Key -> Endpoint -> Key]');
  });
});

describe('two vaults', () => {
  test('of one stack have nothing stateful in common', () => {
    const stack = new Stack(cdkApp(), 'Mine');
    const ids = ['First', 'Second'].flatMap((id) => statefulIds(vaultIn(stack, { environment: id.toLowerCase() }, id)));

    expect(new Set(ids).size).toBe(ids.length);
  });

  test('never share a share key', () => {
    const stack = new Stack(cdkApp(), 'Mine');
    const shareKey = new ShareKey(stack, 'ShareKey', { environment: 'staging' });
    vaultIn(stack, { shareKey });

    expect(() => vaultIn(stack, { shareKey, environment: 'second' }, 'Second')).toThrow(
      'shareKey: expected one of environment second, got one of staging',
    );
    expect(() => vaultIn(stack, { shareKey }, 'Third')).toThrow('environment: expected "staging" for only one vault');
  });
});
