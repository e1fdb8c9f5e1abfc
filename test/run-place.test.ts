import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRunFolder } from './support/run-place';

describe('the folder of a run', () => {
  let memory: string;
  let created: string | undefined;
  beforeEach(() => {
    memory = mkdtempSync(join(tmpdir(), 'memory-'));
  });
  afterEach(() => {
    rmSync(memory, { recursive: true });
    if (created !== undefined) rmSync(created, { recursive: true, force: true });
  });

  test('is created in memory if it has room', () => {
    created = createRunFolder(memory, 1);

    expect(dirname(created)).toBe(memory);
  });

  test.each([
    ['has too little room', () => memory, Number.MAX_SAFE_INTEGER],
    ['does not exist', () => join(memory, 'absent'), 1],
  ])('is created among the temporary files if the memory %s', (_why, place, bytes) => {
    created = createRunFolder(place(), bytes);

    expect(dirname(created)).toBe(tmpdir());
  });

  test('replaces the folder of a run that was killed, and no other folder', () => {
    const { pid: ended } = spawnSync(process.execPath, ['-e', '0']);
    const names = [`share-vault-test-${ended}-a`, `share-vault-test-${process.pid}-b`, `other-${ended}-c`];
    for (const name of names) mkdirSync(join(memory, name));

    created = createRunFolder(memory, 1);

    expect(names.map((name) => existsSync(join(memory, name)))).toEqual([false, true, true]);
  });
});
