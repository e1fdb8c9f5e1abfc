import { describe, expect, test } from '@jest/globals';
import { readOpeningKeyArns } from '../../../lambda/invocation/opening-keys';
import { shareKeyIds } from '../../../lambda/invocation/share-key-ids';

const arn = (digit: number) => `arn:aws:kms:us-east-1:111122223333:key/0000000${digit}-0000-4000-8000-000000000000`;
const read = (value: unknown) =>
  readOpeningKeyArns({ SHARE_VAULT_OPENING_KEY_ARNS: typeof value === 'string' ? value : JSON.stringify(value) });

describe('the variable of the share keys that only open', () => {
  test('is optional', () => {
    expect(readOpeningKeyArns({})).toEqual([]);
  });

  test('has up to four ARNs of keys', () => {
    const arns = [1, 2, 3, 4].map(arn);

    expect(read(arns)).toEqual(arns);
  });

  test.each([
    ['no list', 'arn'],
    ['an object', {}],
    ['an empty list', []],
    ['a number', [1]],
    ['an alias', ['arn:aws:kms:us-east-1:111122223333:alias/share-key']],
    ['a key twice', [arn(1), arn(1)]],
    ['five keys', [1, 2, 3, 4, 5].map(arn)],
  ])('is refused with %s, and its value is not quoted', (_, value) => {
    expect(() => read(value)).toThrowWithCode('Misconfigured');
    expect(() => read(value)).toThrow(
      'environment variables: SHARE_VAULT_OPENING_KEY_ARNS: expected 1 to 4 different ARNs of KMS keys, got something else',
    );
  });

  test('adds its keys to those that records may be sealed under, after the share key', () => {
    process.env.SHARE_VAULT_OPENING_KEY_ARNS = JSON.stringify([arn(2)]);
    try {
      expect(shareKeyIds({ shareKeyArn: arn(1) })).toEqual([arn(1), arn(2)]);
    } finally {
      delete process.env.SHARE_VAULT_OPENING_KEY_ARNS;
    }
  });
});
