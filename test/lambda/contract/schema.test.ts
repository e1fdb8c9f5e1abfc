import { expect, jest, test } from '@jest/globals';
import * as v from 'valibot';
import { readBy } from '../../../lambda/contract/schema';

test('a text that is too long is refused before its characters are examined', () => {
  const examine = jest.fn(() => true);
  const schema = v.object({ id: v.pipe(v.string(), v.maxLength(3, 'a short text'), v.check(examine, 'a text')) });
  const read = (id: string) => readBy(schema, { id }, { name: 'request' }, (message) => new Error(message));

  expect(() => read('long')).toThrow('id: expected a short text');
  expect(examine).not.toHaveBeenCalled();
  expect(read('abc')).toEqual({ id: 'abc' });
  expect(examine).toHaveBeenCalledTimes(1);
});
