import { describe, expect, test } from '@jest/globals';
import { newEvent } from '../../../../../local/emulator/services/events/event';
import { readPattern } from '../../../../../local/emulator/services/events/pattern';

const event = newEvent(
  {
    type: 'KMS CMK Rotation',
    source: 'aws.kms',
    resources: ['arn:one', 'arn:two'],
    detail: { 'key-id': 'k', n: 1, b: null },
  },
  { account: '111122223333', region: 'us-east-1' },
);

describe('a pattern', () => {
  test.each([
    [{ source: ['aws.kms'], 'detail-type': ['KMS CMK Rotation'], detail: { 'key-id': ['k'] } }, true],
    [{ source: ['aws.s3', 'aws.kms'] }, true],
    [{ source: ['aws.s3'] }, false],
    [{ source: ['AWS.KMS'] }, false],
    [{ detail: { 'key-id': ['other'] } }, false],
    [{ detail: { n: [1] } }, true],
    [{ detail: { n: ['1'] } }, false],
    [{ detail: { b: [null] } }, true],
    [{ detail: { missing: [null] } }, false],
    [{ detail: { 'key-id': { deeper: ['k'] } } }, false],
    [{ resources: ['arn:two'] }, true],
    [{ resources: ['arn:three'] }, false],
    [{ toString: ['x'] }, false],
    [{}, true],
  ])('%j of exact values matches: %s', (pattern, expected) => {
    expect(readPattern(pattern)?.(event)).toBe(expected);
  });

  test.each([
    [{ source: [{ prefix: 'aws.' }] }],
    [{ detail: { n: [{ numeric: ['>', 0] }] } }],
    [{ detail: { n: [{ exists: true }] } }],
    [{ source: [] }],
    [{ source: 'aws.kms' }],
    [{ $or: ['a'] }],
    [['aws.kms']],
    [undefined],
  ])('%j does not run here', (pattern) => {
    expect(readPattern(pattern)).toBeUndefined();
  });
});
