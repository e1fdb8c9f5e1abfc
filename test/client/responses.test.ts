import { expect, test } from '@jest/globals';
import { readLogResponse } from '../../client/responses';

test('a response is refused at its first wrong member, so that a long one makes no long error', () => {
  const entries = Array.from({ length: 100_000 }, () => ({}));

  expect(() => readLogResponse({ entries })).toThrow(/^response: entries\.0\.sequence: expected a value, got none$/);
});
