import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { commandFile } from '../../support/commands';
import { hostileShell } from '../../support/hostile-shell';
import { shellTemplate } from '../../support/shell-template';
import { shipDevTemplate } from './template';

const LOCAL = commandFile('share-vault-local');
const isRoot = process.getuid?.() === 0;

let folder: string;
let template: string;
let running: ChildProcess | undefined;
beforeAll(() => {
  shipDevTemplate();
  folder = mkdtempSync(join(tmpdir(), 'shell-'));
  chmodSync(folder, 0o755);
  template = shellTemplate(folder);
  chmodSync(template, 0o644);
});
afterEach(() => {
  running?.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command of a shell; ends it once it prints that it runs. Returns its output. */
async function printedBy(command: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
  const child = spawn('sh', ['-c', `exec 2>&1; ${command}`], { cwd: folder, env: { ...process.env, ...env } });
  running = child;
  child.stdout.on('data', (data: Buffer) => {
    if (data.toString().includes('Ctrl-C stops it')) child.kill('SIGINT');
  });
  return text(child.stdout);
}

const command = (name: string, ...args: readonly string[]): string =>
  [process.execPath, LOCAL, name, ...args].map((word) => `'${word}'`).join(' ');
const serve = (data: string): string => command('serve', '--template', template, '--data', data);
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('the demonstration runs in a shell with FIPS, dual-stack, endpoints, proxies and variables of PostgreSQL', async () => {
  const printed = await printedBy(`exec ${command('start')}`, hostileShell(folder));

  expect(printed).toContain('Every result is as expected.');
});

describe.each(['027', '077', '000'])('under the umask %s', (umask) => {
  test('serve runs with a new data folder below a new folder', async () => {
    const data = join(folder, `umask-${umask}`, 'data');

    const printed = await printedBy(`umask ${umask}; exec ${serve(data)}`);

    expect(printed).toContain('Ctrl-C stops it');
    for (const secret of ['tls/server.key', 'master-password', 'superuser-password']) {
      expect(modeOf(join(data, 'postgres', secret))).toBe('600');
    }
    expect(modeOf(join(data, 'trail.jsonl'))).toBe('600');
  });
});

(isRoot ? test : test.skip)(
  'a folder of the user that PostgreSQL can not enter is named and stays as it is',
  async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });

    const printed = await printedBy(`exec ${serve(join(closed, 'data'))}`);

    expect(printed).toMatch(/expected a folder that the user \w+ can reach, got one below \S+\/closed\n/);
    expect(modeOf(closed)).toBe('700');
  },
);

/** Whether this process may start others under another user id, which has no name. */
function canChangeUser(): boolean {
  try {
    execFileSync('sh', ['-c', `command -v setpriv && unshare --user true`], { stdio: 'ignore' });
    return isRoot;
  } catch {
    return false;
  }
}

describe('under a user id without a name', () => {
  const as = 'exec setpriv --reuid 12345 --regid 12345 --clear-groups';
  const nameless = canChangeUser() ? test : test.skip;
  const openFolder = (name: string): string => {
    const made = join(folder, name);
    mkdirSync(made);
    chmodSync(made, 0o777);
    return made;
  };

  nameless.each([
    ['that has no home', { HOME: undefined, USER: undefined, LOGNAME: undefined }],
    ['whose home belongs to another user', { HOME: '/root' }],
  ])('%s, serve runs', async (_, env) => {
    const data = join(openFolder(`nameless-${String(env.HOME).replaceAll('/', '')}`), 'data');

    const printed = await printedBy(`${as} ${serve(data)}`, env);

    expect(printed).toContain('Ctrl-C stops it');
    expect(statSync(join(data, 'postgres', 'cluster')).uid).toBe(12_345);
  });
});

test('serve runs with a long TMPDIR with spaces, although a socket below it could have no name', async () => {
  const long = join(folder, 'with spaces', 'x'.repeat(150));
  mkdirSync(long, { recursive: true });

  const printed = await printedBy(`exec ${command('serve', '--template', template)}`, { TMPDIR: long });

  expect(printed).toContain('Ctrl-C stops it');
});
