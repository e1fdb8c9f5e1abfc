import { describe, expect, test } from '@jest/globals';
import { audit } from '../../../local/audit/checks';
import { readTemplate } from '../../../local/audit/checks/template';
import { drop, type Mutation, set, type TemplateJson } from '../../support/mutate';
import { testVault } from '../../support/vault';

const RULE = 'VaultWatchChangesBucketChanges';
const PATTERN = ['Properties', 'EventPattern', 'detail'] as const;
const CHECKS = ['changesAreReported', 'changeRulesHaveReviewedPatterns'];

// deep equality rejects objects of another realm
const made = JSON.parse(JSON.stringify(testVault({ webhook: {}, tombstones: {} }).template().toJSON())) as TemplateJson;

/** The findings about the rule, as `check resource`. */
function findingsOf(template: TemplateJson): readonly string[] {
  return audit(readTemplate('staging', template))
    .filter(({ check, resource }) => CHECKS.includes(check) && resource === RULE)
    .map(({ check }) => check);
}

describe('the checks of a vault with a bucket of tombstones', () => {
  test('have nothing against the rule that reports its changes', () => {
    expect(findingsOf(made)).toEqual([]);
  });

  const defects: readonly (readonly [string, Mutation, readonly string[]])[] = [
    ['is missing', drop(RULE), CHECKS],
    ['is off', set(RULE, ['Properties', 'State'], 'DISABLED'), ['changesAreReported']],
    [
      'leaves lifecycle rules out',
      set(RULE, [...PATTERN, 'eventName'], ['DeleteBucket', 'PutBucketPolicy']),
      ['changesAreReported'],
    ],
    [
      'watches another bucket',
      set(RULE, [...PATTERN, 'requestParameters'], { bucketName: ['another'] }),
      ['changeRulesHaveReviewedPatterns'],
    ],
  ];
  test.each(defects)('find a rule that %s', (_, mutate, checks) => {
    expect(new Set(findingsOf(mutate(made)))).toEqual(new Set(checks));
  });
});
