import { expect, test } from '@jest/globals';
import { readKeys } from '../../tools/local';

test('npm start takes --keys out of the arguments of the command', () => {
  expect(readKeys(['--data', 'x', '--keys', 'google,vault', '--trace'])).toEqual({
    keys: ['google', 'vault'],
    others: ['--data', 'x', '--trace'],
  });
  expect(readKeys(['--keys=recovery'])).toEqual({ keys: ['recovery'], others: [] });
});

test('npm start without --keys passes all arguments to the command', () => {
  expect(readKeys(['--verbose'])).toEqual({ keys: [], others: ['--verbose'] });
});

test.each([
  [
    'an unknown name',
    ['--keys', 'google,gcp'],
    'expected names of google, azure, hsm, vault, recovery after --keys, got "gcp"',
  ],
  ['no name', ['--keys'], 'expected names of google, azure, hsm, vault, recovery after --keys, got ""'],
  [
    'a second list',
    ['--keys=google', '--keys', 'vault'],
    'expected --keys once and without --template or --app, got both',
  ],
  [
    'a template',
    ['--keys', 'google', '--template', 'x'],
    'expected --keys once and without --template or --app, got both',
  ],
])('npm start refuses --keys with %s', (_title, args, message) => {
  expect(() => readKeys(args)).toThrow(message);
});
