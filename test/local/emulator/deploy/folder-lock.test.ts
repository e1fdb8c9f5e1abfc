import { afterEach, expect, jest, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolder } from '../../../../local/emulator/deploy/folder';

const CLAIMER = join(__dirname, 'claimer.ts');
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'data-'));

let children: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(children.map(kill));
  children = [];
});

async function kill(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGKILL');
  await exited;
}

/** Starts a process that opens a folder. Returns the process and its outcome. */
async function claim(dir: string): Promise<{ readonly child: ChildProcess; readonly outcome: string }> {
  const child = fork(CLAIMER, [dir], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  children.push(child);
  const [outcome] = (await once(child, 'message')) as [string];
  return { child, outcome };
}

test('of several processes that open a data folder at once, exactly one gets it', async () => {
  const dir = newFolder();

  const claims = await Promise.all(Array.from({ length: 4 }, () => claim(dir)));

  const winner = claims.find(({ outcome }) => outcome === 'opened')?.child.pid;
  const refused = claims.filter(({ outcome }) => outcome !== 'opened').map(({ outcome }) => outcome);
  expect(refused).toEqual(Array(3).fill(`Error: expected an unused data folder, got one in use by process ${winner}: stop it first`)); // prettier-ignore
}, 120_000);

test('of several processes that find the lock of a killed one, exactly one takes it over at once', async () => {
  const dir = newFolder();
  const { child } = await claim(dir);
  await kill(child);
  expect(readdirSync(dir)).toContain('folder.lock');

  const claims = await Promise.all(Array.from({ length: 4 }, () => claim(dir)));

  expect(claims.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
}, 120_000);

test('the first lock of a starter that was killed while it held it is taken over', async () => {
  const dir = newFolder();
  const firstLock = join(dir, 'starting.lock');
  mkdirSync(firstLock);
  const seconds = Date.now() / 1_000 - 4;
  utimesSync(firstLock, seconds, seconds);

  const opened = await openFolder(dir);

  await opened.release();
  expect(readdirSync(dir)).toEqual([]);
}, 120_000);

test('a live process keeps its folder, although it was suspended for longer than its lock lasts', async () => {
  const dir = newFolder();
  const { child } = await claim(dir);
  child.kill('SIGSTOP');
  utimesSync(join(dir, 'folder.lock'), 0, 0);

  await expect(openFolder(dir)).rejects.toThrow(`got one in use by process ${child.pid}: stop it first`);
}, 120_000);

test('a process whose lock another one has taken ends, and prints the reason', async () => {
  const dir = newFolder();
  const { child } = await claim(dir);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));

  utimesSync(join(dir, 'folder.lock'), 1, 1);
  await once(child, 'close');

  expect(child.exitCode).not.toBe(0);
  expect(said).toContain(`expected the lock of the data folder ${dir}, got the folder locked by another process`);
}, 120_000);

test('a folder that is given back can be opened again', async () => {
  const dir = newFolder();
  const first = await openFolder(dir);
  await first.release();
  expect(readdirSync(dir)).toEqual([]);

  const second = await openFolder(dir);

  await second.release();
});

test('the lock of an owner on another host is refused while it is refreshed', async () => {
  const dir = newFolder();
  const opened = await openFolder(dir);
  writeFileSync(join(dir, 'folder.owner'), JSON.stringify({ host: 'another', pid: 1, started: '1' }));

  await expect(openFolder(dir)).rejects.toThrow('got one in use by process 1: stop it first');

  await opened.release();
  expect(() => rmdirSync(dir)).not.toThrow();
});

test('a data folder of a process that another user runs is in use', async () => {
  const dir = newFolder();
  const { child } = await claim(dir);
  const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });

  const opening = openFolder(dir);

  await expect(opening).rejects.toThrow(`in use by process ${child.pid}`);
  kill.mockRestore();
}, 120_000);
