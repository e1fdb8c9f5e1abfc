import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Installed, bundleCommand, emptyFolder, installFake } from './support/local-package';

let bundle: string;
let command: Installed;
beforeAll(async () => {
  bundle = await bundleCommand();
});
beforeEach(() => {
  command = new Installed(bundle);
});
afterEach(() => command.killAll());

/** A command of the package that would leave a file behind. */
function marking(): { readonly file: string; readonly code: string } {
  const file = join(emptyFolder(), 'ran');
  return { file, code: `require('node:fs').writeFileSync(${JSON.stringify(file)}, '');` };
}

describe('a command of share-vault-local', () => {
  test('is run by the same Node, with its arguments unchanged, and ends with its exit code', async () => {
    installFake(command.project);
    const args = ['role', 'kms:Decrypt', '*', '--context', 'a=b c', '--', '', '-h', '"$HOME"'];

    const { code, stdout, stderr } = await command.run(['explain', ...args], { cwd: command.project });

    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toEqual({ args, execPath: process.execPath, SHARE_VAULT_PROGRAM: 'share-vault' });
    expect(stderr).toBe('');
  });

  test('reads the standard input of share-vault, and writes to its outputs', async () => {
    installFake(command.project);
    const input = 'from standard input\n'.repeat(10_000);

    const { code, stdout, stderr } = await command.run(['trail'], { cwd: command.project, input });

    expect(code).toBe(0);
    expect(stdout).toBe(input);
    expect(stderr).toBe('said');
  });

  test.each([[['explain', '--help']], [['help', 'explain']]])('prints its own help for %j', async (args) => {
    installFake(command.project);

    const { stdout } = await command.run(args, { cwd: command.project });

    expect(JSON.parse(stdout)).toMatchObject({ args: ['--help'] });
  });

  test.each(['start', 'serve', 'explain', 'matrix', 'trail'])('may be %s', async (name) => {
    const { file, code } = marking();
    installFake(command.project, { code });

    await command.run([name], { cwd: command.project });

    expect(existsSync(file)).toBe(true);
  });

  test.each([
    [['stop']],
    [['Serve']],
    [['serve ']],
    [['--help']],
    [['--', 'serve']],
    [['--environment', 'prod', 'serve']],
    [['constructor']],
    [['public-key', 'serve']],
    [[]],
  ])('is not %j', async (args) => {
    const { file, code } = marking();
    installFake(command.project, { code });

    await command.run(args, { cwd: command.project });

    expect(existsSync(file)).toBe(false);
  });
});

describe('share-vault-local is found', () => {
  test('in a folder above the working directory, rather than beside share-vault', async () => {
    installFake(command.project, { code: `console.log('beside')` });
    const other = emptyFolder();
    installFake(other, { code: `console.log('above')` });
    const cwd = join(other, 'packages', 'app');
    mkdirSync(cwd, { recursive: true });

    expect(await command.run(['start'], { cwd })).toMatchObject({ code: 0, stdout: 'above\n' });
  });

  test('beside share-vault, if no folder above the working directory has it', async () => {
    installFake(command.project, { code: `console.log('beside')` });

    expect(await command.run(['start'], { cwd: emptyFolder() })).toMatchObject({ code: 0, stdout: 'beside\n' });
  });
});

describe('a command of share-vault-local is refused with 2, and nothing is run,', () => {
  test('with the command that installs it, if the package is not installed', async () => {
    const { code, stdout, stderr } = await command.run(['explain'], { cwd: command.project });

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'share-vault explain: expected @cdk-share-vault/local to be installed, got none: npm install --save-dev @cdk-share-vault/local\n',
    );
  });

  test.each([
    ['of another name', { name: '@other/local-vault' }],
    ['with another command', { bin: { other: 'dist/cli.cjs' } }],
    ['with its command under no name', { bin: 'dist/cli.cjs' }],
    ['with a command that is no file', { bin: { 'share-vault-local': ['dist/cli.cjs'] } }],
    ['without a command', { bin: null }],
  ])('if the nearest package is one %s, although a right one is beside share-vault', async (_what, fake) => {
    const { file, code: marked } = marking();
    installFake(command.project, { code: marked });
    const cwd = emptyFolder();
    const folder = installFake(cwd, { ...fake, code: marked });

    const { code, stderr } = await command.run(['serve'], { cwd });

    expect(code).toBe(2);
    expect(stderr).toBe(`share-vault serve: expected the package @cdk-share-vault/local in ${folder}, got another\n`);
    expect(existsSync(file)).toBe(false);
  });

  test('with the command that builds it, if it has not been built', async () => {
    const folder = installFake(command.project, { code: null });

    const { code, stderr } = await command.run(['trail'], { cwd: command.project });

    expect(code).toBe(2);
    expect(stderr).toBe(
      `share-vault trail: expected @cdk-share-vault/local to be built, got no ${folder}/dist/cli.cjs: npm run build makes it\n`,
    );
  });

  test('if Node does not start', async () => {
    installFake(command.project);

    const { code, stderr } = await command.run(['start'], { cwd: command.project, preloaded: 'withoutNode' });

    expect(code).toBe(2);
    expect(stderr).toBe('share-vault start: expected /nowhere/node to start, got an error\n');
  });
});

describe('a signal', () => {
  test('that ends the command ends share-vault', async () => {
    installFake(command.project);

    expect(await command.run(['start'], { cwd: command.project })).toMatchObject({ signal: 'SIGKILL' });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s is passed on, and the end awaited', async (signal) => {
    installFake(command.project);
    const { child, firstPrinted, ended } = command.start(['serve'], { cwd: command.project });
    const pid = Number(await firstPrinted);

    child.kill(signal);

    expect(await ended).toMatchObject({ code: 3, signal: null, stdout: `${pid}\n${signal}\nstopped\n` });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('of Ctrl-C reaches the command once, since a terminal sends it to both', async () => {
    installFake(command.project);
    const { child, firstPrinted, ended } = command.start(['serve'], { cwd: command.project, preloaded: 'terminal' });
    const pid = Number(await firstPrinted);

    process.kill(-Number(child.pid), 'SIGINT');

    expect(await ended).toMatchObject({ code: 3, signal: null, stdout: `${pid}\nSIGINT\nstopped\n` });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
