import { describe, expect, test } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ACKNOWLEDGEMENTS, acknowledge } from '../../bin/acknowledgements';
import { cdkApp, environmentStack } from '../support/synth';
import { PACKS, packFindings } from './packs';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
/** Every place that the list names, in the words of a finding. */
const ACKNOWLEDGED = ACKNOWLEDGEMENTS.flatMap(({ ids, at }) =>
  ids.flatMap((id) => at.map((path) => `${id} at ${path}`)),
);

function synthesized(environment: (typeof ENVIRONMENTS)[number]) {
  const app = cdkApp();
  const stack = environmentStack(environment, app);
  app.synth();
  return stack;
}

describe('the rule packs AwsSolutions, HIPAA, NIST 800-53 R5 and PCI', () => {
  const stacks = ENVIRONMENTS.map((environment) => [environment, synthesized(environment)] as const);
  const unacknowledged = new Map(stacks.map(([environment, stack]) => [environment, packFindings(stack)]));

  test('find what is acknowledged and nothing else, each acknowledgement met somewhere', () => {
    const found = new Set([...unacknowledged.values()].flat());

    expect([...found].sort()).toEqual([...ACKNOWLEDGED].sort());
  });

  test.each(stacks)('are silent about %s once its findings are acknowledged', (environment, stack) => {
    expect(unacknowledged.get(environment)).not.toEqual([]);

    acknowledge(stack);

    expect(packFindings(stack)).toEqual([]);
  });

  test('are not silenced by a mistyped id', () => {
    const stack = synthesized('dev');
    const mistyped = ACKNOWLEDGEMENTS.map((each) => ({ ...each, ids: each.ids.map((id) => `${id} `) }));

    acknowledge(stack, mistyped);

    expect(packFindings(stack)).toEqual(unacknowledged.get('dev'));
  });

  test('still speak where a finding is new', () => {
    const app = cdkApp();
    const stack = environmentStack('staging', app);
    new sqs.Queue(stack, 'Queue');
    acknowledge(stack);
    app.synth();

    expect(packFindings(stack)).toEqual(['AwsSolutions-SQS3 at Queue/Resource', 'AwsSolutions-SQS4 at Queue/Resource']);
  });
});

describe('synth with the rule packs as plugins of the app', () => {
  test.each(ENVIRONMENTS)('passes %s with its acknowledgements', (environment) => {
    const app = cdkApp();
    acknowledge(environmentStack(environment, app));
    Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)));

    expect(() => app.synth()).not.toThrow();
  });

  test('fails without them', () => {
    const app = cdkApp();
    environmentStack('dev', app);
    Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)));

    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Resource::*]');
  });
});

describe('the acknowledgements', () => {
  test.each(ACKNOWLEDGEMENTS)('say why for $ids', ({ reason }) => {
    expect(reason.split(' ').length).toBeGreaterThan(20);
  });

  test('name each place once', () => {
    expect(new Set(ACKNOWLEDGED).size).toBe(ACKNOWLEDGED.length);
  });
});
