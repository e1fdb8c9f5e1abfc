import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const COMMANDS = [
  ['share-vault', 'client'],
  ['share-vault-local', 'local'],
] as const;
const PACKAGES = ['.', 'client', 'local'];

describe('the file of a command', () => {
  test.each(COMMANDS)('%s is in the repository, so that `npm ci` links the command', (command, folder) => {
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const listed = execFileSync('git', ['ls-files', '--stage', `${folder}/bin`], { cwd: ROOT, encoding: 'utf8' });

    expect(manifest).toMatchObject({ bin: { [command]: `bin/${command}.cjs` } });
    expect(listed).toMatch(new RegExp(`^100755 .*\\t${folder}/bin/${command}\\.cjs\\n$`));
    expect(existsSync(join(ROOT, 'node_modules', '.bin', command))).toBe(true);
  });

  /** Copies a command into a package of its own, built or not. Returns its file. */
  function copyOf(command: string, folder: string, built?: string): string {
    const project = mkdtempSync(join(tmpdir(), 'command-'));
    for (const name of ['bin', 'dist']) mkdirSync(join(project, name));
    for (const file of [`bin/${command}.cjs`, 'package.json']) {
      copyFileSync(join(ROOT, folder, file), join(project, file));
    }
    if (built !== undefined) writeFileSync(join(project, 'dist', 'cli.cjs'), built);
    return join(project, 'bin', `${command}.cjs`);
  }

  function run(args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  const BUILT = 'process.stdout.write(process.argv.slice(2).join()); process.exitCode = 7;';

  test.each(COMMANDS)('%s names the command that builds it, if it is not built', (command, folder) => {
    expect(run([copyOf(command, folder), 'serve'])).toEqual({
      status: 2,
      stdout: '',
      stderr: `${command}: expected a built package, got a checkout that is not built: run npm run build\n`,
    });
  });

  test.each(COMMANDS)('%s names the Node that it needs, on an older one', (command, folder) => {
    const older = join(mkdtempSync(join(tmpdir(), 'older-')), 'older.cjs');
    writeFileSync(older, `Object.defineProperty(process.versions, 'node', { value: '20.19.0' });`);

    expect(run(['--require', older, copyOf(command, folder, BUILT)])).toEqual({
      status: 2,
      stdout: '',
      stderr: `${command}: expected Node.js >=22, got 20.19.0\n`,
    });
  });

  test.each(COMMANDS)('%s runs what was built, with its arguments and exit code', (command, folder) => {
    expect(run([copyOf(command, folder, BUILT), 'a', '--b'])).toEqual({ status: 7, stdout: 'a,--b', stderr: '' });
  });

  test('share-vault-local gets an option --env-file, which Node would read itself', () => {
    const file = copyOf('share-vault-local', 'local', BUILT);
    const { status, stdout, stderr } = spawnSync(file, ['serve', '--env-file', 'none.env'], { encoding: 'utf8' });

    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: 'serve,--env-file,none.env', stderr: '' });
  });
});

describe('npm pack of a checkout', () => {
  /** Packs a copy of a package's manifest beside a stand-in for `tsx`, which ends with this exit code. */
  function pack(folder: string, exitCode: number) {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pack-')));
    mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(join(ROOT, folder, 'package.json'), join(root, folder, 'package.json'));
    mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
    const tsx = `#!/bin/sh\necho "$PWD $*" > "${root}/ran"\nexit ${exitCode}\n`;
    writeFileSync(join(root, 'node_modules', '.bin', 'tsx'), tsx, { mode: 0o755 });
    const { status } = spawnSync('npm', ['pack', '--dry-run', '--offline'], { cwd: join(root, folder) });
    const [cwd = '', script = '', ...args] = readFileSync(join(root, 'ran'), 'utf8').trim().split(' ');
    return { status, script: resolve(cwd, script).slice(root.length), args };
  }

  test.each(PACKAGES)('builds the package in %s if it is not current', (folder) => {
    expect(pack(folder, 0)).toEqual({ status: 0, script: '/tools/build/main.ts', args: ['packages'] });
  });

  test.each(PACKAGES)('packs nothing in %s if the build fails', (folder) => {
    expect(pack(folder, 1).status).toBe(1);
  });
});
