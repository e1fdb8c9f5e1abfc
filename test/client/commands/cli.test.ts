import { describe, expect, test } from '@jest/globals';
import { run } from './support/account';

describe('share-vault', () => {
  test('lists its commands if it is asked to', async () => {
    const { code, stdout, stderr } = await run(['--help']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/public-key {2}.*\n.*webhook-secret {2}.*\n.*webhook-test {2}/);
    expect(stderr).toBe('');
  });

  test('lists those of share-vault-local under a heading of their own', async () => {
    const { stdout } = await run(['--help']);

    expect(stdout).toMatch(/\n\nA vault on this machine, .*share-vault-local.*:\n\n {2}start {2}.*\n {2}serve {2}.*\n {2}explain {2}.*\n {2}trail {2}.*\n$/); // prettier-ignore
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  test.each([
    ['no command', []],
    ['an empty command', ['']],
    ['another command', ['seal']],
    ['an inherited name', ['constructor']],
    ['an option in front of the command', ['--environment', 'prod', 'public-key']],
  ])('lists its commands on standard error, and fails with 2, for %s', async (_what, args) => {
    const { code, stdout, stderr } = await run(args);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('webhook-secret');
  });

  test.each(['public-key', 'webhook-secret', 'webhook-test', 'log', 'doctor'])(
    '%s prints its usage if it is asked to',
    async (name) => {
      const { code, stdout } = await run([name, '--help']);

      expect(code).toBe(0);
      expect(stdout).toContain(`share-vault ${name} --environment NAME`);
      expect(stdout).toContain('--region REGION');
      expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
    },
  );

  test.each([
    ['an unknown option', ['public-key', '--environment', 'prod', '--other'], "got: Unknown option '--other'\n"],
    ['an option without its value', ['public-key', '--environment'], 'argument missing\n'],
    ['an argument', ['public-key', '--environment', 'prod', 'kid'], 'expected options alone, got something besides\n'],
    ['no environment', ['public-key'], 'expected --environment NAME, got none\n'],
    ['an environment that is none', ['public-key', '--environment', '../dev'], 'hyphens, got something else\n'],
  ])('fails with 2 for %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(args);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^share-vault public-key: /);
    expect(stderr.endsWith(message)).toBe(true);
  });
});
