import { expect, test } from '@jest/globals';
import { callLine } from '../../../local/cli/calls';
import type { FunctionCall } from '../../../local/emulator/deploy';

const CALL: FunctionCall = {
  at: '2026-11-30T13:33:23.000Z',
  function: 'share-vault-dev-unseal',
  qualifier: 'backend',
  outcome: 'ok',
  code: undefined,
  status: undefined,
  milliseconds: 12.4,
};

const columns = (call: Partial<FunctionCall>): readonly string[] =>
  callLine({ ...CALL, ...call }, 'dev').split(/ {2,}| (?=\S)/);

test('the line of a call has its time, function, actor, outcome, and milliseconds', () => {
  expect(columns({})).toEqual([expect.stringMatching(/^\d\d:\d\d:23$/), 'unseal', 'backend', 'ok', '12', 'ms']);
});

test("the line of a call has the error's code, or the HTTP status", () => {
  expect(columns({ outcome: 'error', code: 'NotFound' }).slice(3, 5)).toEqual(['error', 'NotFound']);
  expect(columns({ outcome: 'error', status: 401 }).slice(3, 5)).toEqual(['error', '401']);
});

test('the line of a call without an alias has a hyphen for the actor', () => {
  expect(columns({ qualifier: undefined })[2]).toBe('-');
});

test.each<[string, Partial<FunctionCall>]>([
  ['short texts', {}],
  ['long names', { function: 'f'.repeat(64), qualifier: 'q'.repeat(128), code: 'c'.repeat(64) }],
  ['a long duration', { milliseconds: 900_000 }],
  ['a duration that is rounded up', { milliseconds: 9_999.9 }],
])('the line of a call with %s has 80 characters', (_what, call) => {
  expect(callLine({ ...CALL, ...call }, 'dev')).toHaveLength(80);
});

test('the line of a call keeps the name of a function of another stack', () => {
  expect(columns({ function: 'share-vault-prod-x' })[1]).toBe('share-vault-prod-x');
});
