import { describe, expect, test } from '@jest/globals';
import { UsageError, parseRun, usage } from '../../bench/harness/arguments';

const ALL = ['message', 'unseal', 'synth'];
const NAMES = { all: ALL, quick: ['message', 'synth'] };

describe('the arguments of npm run bench', () => {
  test('select all subjects by default, and write results', () => {
    expect(parseRun([], NAMES)).toEqual({ subjects: ALL, quick: false, guard: false });
  });

  test('select the subjects of a quick run by default, or those that are named', () => {
    expect(parseRun(['--quick'], NAMES)?.subjects).toEqual(['message', 'synth']);
    expect(parseRun(['--quick', 'unseal'], NAMES)?.subjects).toEqual(['unseal']);
  });

  test('select subjects in the order in which they run', () => {
    expect(parseRun(['synth', '--quick', 'message'], NAMES)?.subjects).toEqual(['message', 'synth']);
  });

  test('take another file of results', () => {
    expect(parseRun(['--guard', '--results', 'file.json'], NAMES)).toMatchObject({ guard: true, results: 'file.json' });
  });

  test.each([
    ['an unknown subject, with the list', ['mesage'], /message unseal synth; got: mesage/],
    ['an unknown option', ['--fast'], /--fast/],
    ['a value of a flag', ['--quick=yes'], /quick/],
    ['an option without its value', ['--results'], /results/],
    ['an empty path', ['--results', ''], /expected a path/],
  ])('are refused for %s', (_, args, message) => {
    expect(() => parseRun(args, NAMES)).toThrow(UsageError);
    expect(() => parseRun(args, NAMES)).toThrow(message);
  });

  test('ask for help, that lists the subjects and fits 115 columns', () => {
    expect(parseRun(['--help', 'message'], NAMES)).toBeUndefined();
    expect(usage(NAMES)).toContain('message unseal synth');
    for (const line of usage(NAMES).split('\n')) expect(line.length).toBeLessThanOrEqual(115);
  });
});
