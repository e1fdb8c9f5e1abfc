import { describe, expect, test } from '@jest/globals';
import { type App, CfnParameter, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { consumerIn, vaultIn } from '../composition/compositions';
import { existingVpc } from '../support/network';
import { cdkApp, testStack } from '../support/synth';

const ACTOR = { actor: 'signer' };
const OTHER = { privateSubnetIds: ['subnet-3', 'subnet-4'] };
const RULES = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'];
const TO_VAULT = { Properties: { Description: 'to the vault' } };

/** Rules between the consumer's group and the vault's Lambda endpoint. */
function rules(stack: Stack): number {
  const template = Template.fromStack(stack);
  return RULES.flatMap((type) => Object.keys(template.findResources(type, TO_VAULT))).length;
}

type Compose = (stack: Stack) => {
  readonly vault?: Partial<ShareVaultProps>;
  readonly consumer: Partial<lambda.FunctionProps>;
};

function connect(compose: Compose, stack = testStack()): Stack {
  const { vault, consumer } = compose(stack);
  vaultIn(stack, { consumerEndpoint: true, ...vault }).connect(consumerIn(stack, consumer), ACTOR);
  return stack;
}

describe("a consumer in the vault's own network", () => {
  test.each([
    ['without a Lambda endpoint is refused, and the error names consumerEndpoint', {}],
    ['with consumerEndpoint: false is refused, and the error names consumerEndpoint', { consumerEndpoint: false }],
  ])('%s', (_title, props) => {
    const stack = testStack();
    const vault = vaultIn(stack, props);
    const { vpc, vpcSubnets } = vault.network;
    const consumer = consumerIn(stack, { vpc, vpcSubnets });

    expect(() => vault.connect(consumer, ACTOR)).toThrow(
      "connect: expected a vault with consumerEndpoint: true for Test/Consumer, which is in the vault's own network without another way to Lambda, got one without",
    );
  });

  test('is recognized by its subnets if its security group was imported', () => {
    const stack = testStack();
    const vault = vaultIn(stack);
    const { vpc, vpcSubnets } = vault.network;
    const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')];

    expect(() => vault.connect(consumerIn(stack, { vpc, vpcSubnets, securityGroups }), ACTOR)).toThrow(
      'connect: expected a vault with consumerEndpoint: true',
    );
  });

  test('from another stack is refused without a Lambda endpoint, too', () => {
    const app = cdkApp();
    const vault = vaultIn(new Stack(app, 'Mine'));
    const { vpc, vpcSubnets } = vault.network;
    const consumer = consumerIn(new Stack(app, 'Theirs'), { vpc, vpcSubnets });

    expect(() => vault.connect(consumer, ACTOR)).toThrow('for Theirs/Consumer,');
  });

  test('from another stack reaches the Lambda endpoint by rules in its own stack', () => {
    const app = cdkApp();
    const mine = new Stack(app, 'Mine');
    const theirs = new Stack(app, 'Theirs');
    const vault = vaultIn(mine, { consumerEndpoint: true });
    const { vpc, vpcSubnets } = vault.network;

    vault.connect(consumerIn(theirs, { vpc, vpcSubnets, allowAllOutbound: false }), ACTOR);

    expect([rules(mine), rules(theirs)]).toEqual([0, 2]);
  });

  test.each<[string, 'Mine' | 'Theirs', (app: App) => readonly [Stack, Stack]]>([
    [
      'of another stack gets its rules in the stack of the vault',
      'Mine',
      (app) => [new Stack(app, 'Mine'), new Stack(app, 'Theirs')],
    ],
    [
      'of the parent of a nested stack gets its rules in that parent',
      'Theirs',
      (app) => {
        const parent = new Stack(app, 'Theirs');
        return [new NestedStack(parent, 'Mine'), parent];
      },
    ],
  ])('in a network %s', (_title, expected, stacks) => {
    const [mine, theirs] = stacks(cdkApp());
    const vpc = new ec2.Vpc(theirs, 'Vpc', { maxAzs: 2 });

    vaultIn(mine, { vpc, consumerEndpoint: true }).connect(consumerIn(theirs, { vpc, allowAllOutbound: false }), ACTOR);

    expect({ Mine: rules(mine), Theirs: rules(theirs) }).toEqual({ Mine: 0, Theirs: 0, [expected]: 2 });
  });

  test('gets no rule and no error from a grant, since a grant is not about networks', () => {
    const stack = testStack();
    const vault = vaultIn(stack);
    const { vpc, vpcSubnets } = vault.network;

    vault.grantUnseal(consumerIn(stack, { vpc, vpcSubnets }), ACTOR);

    expect(rules(stack)).toBe(0);
  });
});

describe("a consumer in another network than the vault's gets no rule, since rules can't name its group", () => {
  test.each<[string, Compose]>([
    ['a network of the same stack', (stack) => ({ consumer: { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) } })],
    ['a network that exists', (stack) => ({ consumer: { vpc: existingVpc(stack) } })],
    [
      'a network that exists, for a vault in a network that exists',
      (stack) => ({
        vault: { vpc: existingVpc(stack, {}, 'One') },
        consumer: { vpc: existingVpc(stack, { ...OTHER, vpcId: 'vpc-0123456789abcdef1' }, 'Other') },
      }),
    ],
  ])('%s', (_where, compose) => {
    const stack = connect(compose);

    expect(rules(stack)).toBe(0);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('network'));
  });

  test('a network of another stack', () => {
    const app = cdkApp();
    const theirs = new Stack(app, 'Theirs');
    const vault = vaultIn(new Stack(app, 'Mine'), { consumerEndpoint: true });

    vault.connect(consumerIn(theirs, { vpc: new ec2.Vpc(theirs, 'Vpc', { maxAzs: 2 }) }), ACTOR);

    expect(rules(theirs)).toBe(0);
  });

  test('without a Lambda endpoint of the vault there is no error either', () => {
    const stack = connect((scope) => ({
      vault: { consumerEndpoint: false },
      consumer: { vpc: new ec2.Vpc(scope, 'Vpc', { maxAzs: 2 }) },
    }));

    expect(rules(stack)).toBe(0);
  });
});

describe("a consumer in the vault's network gets rules, however the network was imported", () => {
  const imported = (vpcId: string) => (stack: Stack) => ({
    vault: { vpc: existingVpc(stack, { vpcId }, 'One') },
    consumer: { vpc: existingVpc(stack, { ...OTHER, vpcId }, 'Other') },
  });

  test.each<[string, Compose]>([
    ['twice by one id', imported('vpc-0123456789abcdef0')],
    ['twice by one export', imported(Fn.importValue('vpc'))],
    [
      'twice by two tokens of one export',
      (stack) => ({
        vault: { vpc: existingVpc(stack, { vpcId: Fn.importValue('vpc') }, 'One') },
        consumer: { vpc: existingVpc(stack, { ...OTHER, vpcId: Fn.importValue('vpc') }, 'Other') },
      }),
    ],
    [
      'once, and used by both',
      (stack) => {
        const vpc = existingVpc(stack);
        return { vault: { vpc }, consumer: { vpc } };
      },
    ],
  ])('%s', (_how, compose) => {
    expect(rules(connect(compose))).toBe(1);
  });

  test('by its id in each stack, vault and consumer apart', () => {
    const app = cdkApp();
    const [mine, theirs] = [new Stack(app, 'Mine'), new Stack(app, 'Theirs')];
    const vault = vaultIn(mine, { vpc: existingVpc(mine), consumerEndpoint: true });

    vault.connect(consumerIn(theirs, { vpc: existingVpc(theirs, OTHER), allowAllOutbound: false }), ACTOR);

    expect([rules(mine), rules(theirs)]).toEqual([0, 2]);
  });
});

describe('a consumer in a network that synth cannot compare', () => {
  test.each<[string, Compose]>([
    [
      'an export, for a vault in a network by its id',
      (stack) => ({
        vault: { vpc: existingVpc(stack, {}, 'One') },
        consumer: { vpc: existingVpc(stack, { ...OTHER, vpcId: Fn.importValue('vpc') }, 'Other') },
      }),
    ],
    [
      'two parameters',
      (stack) => ({
        vault: { vpc: existingVpc(stack, { vpcId: new CfnParameter(stack, 'P1').valueAsString }, 'One') },
        consumer: {
          vpc: existingVpc(stack, { ...OTHER, vpcId: new CfnParameter(stack, 'P2').valueAsString }, 'Other'),
        },
      }),
    ],
    [
      'imported security group and subnets',
      (stack) => ({
        consumer: {
          vpc: existingVpc(stack),
          securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
        },
      }),
    ],
  ])('gets a warning and no rule: %s', (_how, compose) => {
    const stack = connect(compose);

    Annotations.fromStack(stack).hasWarning('/Test/Consumer', Match.stringLikeRegexp("in the vault's network, so"));
    expect(rules(stack)).toBe(0);
  });
});

describe('an endpoint for consumers in a network that exists', () => {
  test('has no private name, so that consumerVariables have its address', () => {
    const stack = testStack();
    const { network } = vaultIn(stack, { vpc: existingVpc(stack), consumerEndpoint: true });

    expect(Object.keys(network.consumerVariables)).toEqual(['AWS_ENDPOINT_URL_LAMBDA']);
    expect(JSON.stringify(stack.resolve(network.consumerVariables))).toMatch(/https:\/\/.*DnsEntries/);
  });

  test.each<[string, (stack: Stack) => Partial<ShareVaultProps>]>([
    ['an own network, whose endpoint has the usual name', () => ({ consumerEndpoint: true })],
    ['a network without such an endpoint', (stack) => ({ vpc: existingVpc(stack) })],
  ])('has no consumerVariables in %s', (_where, props) => {
    const stack = testStack();

    expect(vaultIn(stack, props(stack)).network.consumerVariables).toEqual({});
  });
});
