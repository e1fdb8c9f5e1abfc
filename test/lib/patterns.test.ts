import { describe, expect, test } from '@jest/globals';
import { ACTOR_PATTERN, ENVIRONMENT_PATTERN } from '../../lambda/contract/patterns';
import { functionName } from '../../lib/private/names';
import { PATTERNS } from '../../lib/private/patterns';
import cdkJson from '../../cdk.json';
import { readEnvironments } from '../../bin/environments';

describe('the patterns of names', () => {
  test('are the same in the constructs and in the contract', () => {
    expect([PATTERNS.environment.pattern, PATTERNS.actor.pattern]).toEqual([ENVIRONMENT_PATTERN, ACTOR_PATTERN]);
  });

  test('keep the name of every function within the 64 characters of Lambda', () => {
    const longest = functionName('e'.repeat(16), 'h'.repeat(35));

    expect([longest.length, PATTERNS.handler.pattern.test('h'.repeat(35))]).toEqual([64, true]);
  });

  test('allow only environments whose cluster identifier RDS accepts', () => {
    expect(PATTERNS.clusterIdentifier.pattern.test(`share-vault-${'e'.repeat(16)}`)).toBe(true);
  });
});

describe('the environments of cdk.json', () => {
  test('have the same actors, with kinds that this version serves', () => {
    const actors = readEnvironments(cdkJson.context.environments).map((environment) => environment.actors);

    expect(actors).toEqual([actors[0], actors[0], actors[0]]);
  });
});
