import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../../bench/harness/results';
import { runFolder } from '../support/run';

const ROOT = join(__dirname, '..', '..');
const COMMITTED = join(ROOT, 'bench', 'results.json');

function bench(...args: readonly string[]) {
  const command = ['--import', 'tsx', join(ROOT, 'bench', 'main.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('npm run bench', () => {
  const file = join(runFolder('bench'), 'results.json');
  const committed = statSync(COMMITTED, { throwIfNoEntry: false })?.mtimeMs;
  let run: ReturnType<typeof bench>;
  beforeAll(() => {
    run = bench('message', '--quick', '--results', file);
  });

  test('prints the tables of a subject with the machine, without a progress line, and writes its ratios', () => {
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^message: .+ cores, Node .+, load .+, \d{4}-\d\d-\d\d$/m);
    expect(run.stdout).toMatch(/^ {2}open 600 B .*\d/m);
    const { message } = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(message?.ratios.map(({ id }) => id)).toContain('message/open/600/floor');
  });

  test('writes no other file of results', () => {
    expect(statSync(COMMITTED, { throwIfNoEntry: false })?.mtimeMs).toBe(committed);
  });

  test('guards the written ratios: it names one that got worse, and fails', () => {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const better = (id: string, median: number) => (id === 'message/open/600/floor' ? median / 100 : median * 100);
    const ratios = results.message?.ratios
      .filter(({ id }) => id.endsWith('/floor'))
      .map((ratio) => ({ ...ratio, median: better(ratio.id, ratio.median) }));
    writeFileSync(file, JSON.stringify({ message: { ...results.message, ratios } }));
    const { status, stdout } = bench('message', '--quick', '--guard', '--results', file);

    expect(status).toBe(1);
    expect(stdout.match(/^worse: .*$/gm)).toEqual([expect.stringContaining('message/open/600/floor was')]);
    expect(stdout).toContain('2 ratios compared, 1 worse');
  });

  test('does not pass the guard if no ratio is written', () => {
    const { status, stderr } = bench(
      'message',
      '--quick',
      '--guard',
      '--results',
      join(runFolder('bench'), 'none.json'),
    );

    expect(status).toBe(1);
    expect(stderr).toContain('expected written ratios to compare with, got none');
  });

  test('ends with status 2 and the list of subjects for an unknown one', () => {
    const { status, stderr } = bench('mesage');

    expect(status).toBe(2);
    expect(stderr).toContain('expected subjects of: message');
  });
});
