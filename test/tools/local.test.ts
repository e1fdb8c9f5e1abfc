import { expect, test } from '@jest/globals';
import { readChoice } from '../../tools/local';

test('npm start takes --keys out of the arguments of the command', () => {
  expect(readChoice(['--data', 'x', '--keys', 'google,vault', '--trace'])).toEqual({
    keys: ['google', 'vault'],
    others: ['--data', 'x', '--trace'],
  });
  expect(readChoice(['--keys=hsm,hsm'])).toEqual({ keys: ['hsm'], others: [] });
  expect(readChoice(['--keys=recovery'])).toEqual({ keys: ['recovery'], others: [] });
});

test('npm start without --keys passes all arguments to the command', () => {
  expect(readChoice(['--verbose'])).toEqual({ keys: [], others: ['--verbose'] });
  expect(readChoice(['--template', 'x'])).toEqual({ keys: [], others: ['--template', 'x'] });
});

test('npm start takes --bodies out of the arguments of the command, also beside --keys', () => {
  expect(readChoice(['--bodies', 'secrets-manager', '--trace'])).toEqual({
    keys: [],
    bodies: 'secrets-manager',
    others: ['--trace'],
  });
  expect(readChoice(['--bodies=vault', '--keys=google'])).toEqual({ keys: ['google'], bodies: 'vault', others: [] });
});

test.each([
  [
    '--bodies with an unknown store',
    ['--bodies', 's3'],
    'expected one of secrets-manager, google, azure, vault after --bodies, got "s3"',
  ],
  [
    '--bodies with a template',
    ['--bodies', 'vault', '--app', 'x'],
    'expected --keys and --bodies once and without --template or --app, got --app too',
  ],
  [
    '--keys with an unknown name',
    ['--keys', 'google,gcp'],
    'expected names of google, azure, hsm, vault, recovery after --keys, got "gcp"',
  ],
  ['--keys with no name', ['--keys'], 'expected names of google, azure, hsm, vault, recovery after --keys, got ""'],
  [
    '--keys with a second list',
    ['--keys=google', '--keys', 'vault'],
    'expected --keys and --bodies once and without --template or --app, got --keys too',
  ],
  [
    '--keys with a template',
    ['--keys', 'google', '--template=x'],
    'expected --keys and --bodies once and without --template or --app, got --template=x too',
  ],
])('npm start refuses %s', (_title, args, message) => {
  expect(() => readChoice(args)).toThrow(message);
});
