import { describe, expect, test } from '@jest/globals';
import { type Environment, environmentTemplate } from '../support/environment-template';
import { policiesOf } from '../support/policies';
import { reviewedPolicies, writeReviewedPolicies } from './reviewed-policies';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const satisfies Environment[];

if (process.env.SHARE_VAULT_WRITE_POLICIES === '1') {
  writeReviewedPolicies(Object.fromEntries(ENVIRONMENTS.map((name) => [name, synthesizedPolicies(name)])));
}

describe.each(ENVIRONMENTS)('the policies of %s', (environment) => {
  test('equal the reviewed policies of the environment, none more and none fewer', () => {
    expect(synthesizedPolicies(environment)).toEqual(reviewedPolicies(environment));
  });
});

function synthesizedPolicies(environment: Environment): Record<string, unknown> {
  return Object.fromEntries(policiesOf(environmentTemplate(environment)));
}
