import { describe, expect, test } from '@jest/globals';
import { version } from '../../../client/package.json';
import { run } from './support/account';

const SECRET = 'dyn_whsec_0123456789';
const NAMES = [
  'seal',
  'unseal',
  'properties',
  'revoke',
  'records',
  'wallets',
  'log',
  'export',
  'public-key',
  'webhook-secret',
  'webhook-test',
  'doctor',
  'recover',
  'completion',
];

describe('share-vault', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('lists its commands and exits 0 for %j', async (args) => {
    const { code, stdout, stderr } = await run(args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'));
    expect(stdout).toMatch(/\nExamples:\n {2}share-vault /);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('lists the commands of share-vault-local under a heading of their own', async () => {
    const { stdout } = await run(['--help']);

    expect(stdout).toMatch(/\nA vault on this machine \(package @cdk-share-vault\/local\):\n {2}start {2}.*\n {2}serve {2}[^]*\n {2}explain {2}.*\n {2}matrix {2}.*\n {2}trail {2}.*\n\n/); // prettier-ignore
  });

  test('prints its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each(
    NAMES.flatMap((name) => [
      [name, '--help'],
      [name, '-h'],
      ['help', name],
    ]),
  )('prints the usage, the options and an example of a command for %s %s, and exits 0', async (...args) => {
    const { code, stdout, stderr } = await run(args);

    const name = args.find((word) => NAMES.includes(word));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: share-vault ${name} [options]`);
    expect(stdout).toMatch(/\n {2}--region REGION {2,}\S/);
    expect(stdout).toMatch(new RegExp(`\\nExamples?:\\n.*share-vault ${name} `));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    ['an unknown command', ['other'], 'share-vault: expected a command of share-vault --help, got other\n'],
    ['a mistyped command', ['webhook-tset'], 'got webhook-tset: did you mean webhook-test\n'],
    ['a mistyped command with its help', ['lgo', '--help'], 'got lgo: did you mean log\n'],
    ['the help of a mistyped command', ['help', 'doctro'], 'got doctro: did you mean doctor\n'],
    ['an empty command', [''], 'expected a command of share-vault --help, got \n'],
    ['an inherited name', ['constructor'], 'got constructor\n'],
    ['a long word', ['x'.repeat(500)], `got ${'x'.repeat(32)}…\n`],
    ['an option before the command', ['--environment', 'prod', 'log'], 'share-vault --help, got --environment\n'],
    ['an unknown option', ['public-key', '--other'], 'an option of share-vault public-key --help, got --other\n'],
    ['a mistyped option', ['public-key', '--intaek'], 'got --intaek: did you mean --intake\n'],
    ['an option without its value', ['public-key', '--environment'], 'expected a value of --environment, got none\n'],
    ['an option in place of a value', ['public-key', '--kid', '--intake'], 'value of --kid, got another option\n'],
    ['an argument', ['public-key', '--environment', 'prod', 'kid'], 'expected only options, got something else\n'],
    ['no environment', ['public-key'], 'expected --environment NAME, got none\n'],
    ['an environment that is none', ['public-key', '--environment', '../dev'], 'hyphens, got something else\n'],
  ])('fails with 2 and one line for %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^share-vault[^\n]*\n$/);
    expect(stderr.endsWith(message)).toBe(true);
  });

  test.each([
    ['the value of an unknown option', ['log', `--api-key=${SECRET}`]],
    ['the value of an unknown option of one letter', ['log', `-p${SECRET}`]],
    ['a value without an option', ['log', '--wallet', 'w', SECRET]],
    ['the value of an option that takes none', ['log', `--verify=${SECRET}`]],
    ['an argument of an unknown command', ['login', SECRET]],
    ['an environment', ['doctor', '--environment', SECRET]],
    ['a secret as an argument', ['webhook-secret', '--environment', 'prod', SECRET]],
    ['a shell', ['completion', SECRET]],
    ['the value of a second option', ['log', '--wallet', SECRET, '--other']],
  ])('never echoes %s', async (_what, args) => {
    const { code, stdout, stderr } = await run(args);

    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('dyn_whsec');
  });
});
