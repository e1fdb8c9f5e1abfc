import { beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildUnlessCurrent } from '../../tools/build/unless-current';

let folder: string;
let builds: number;
const path = (name: string): string => join(folder, name);

/** Writes a file that was saved an hour ago. */
function save(name: string, text: string): void {
  writeFileSync(path(name), text);
  utimesSync(path(name), Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
}

/** Builds by copying one source, beside a folder of sources. */
const run = (meanwhile = (): void => undefined): Promise<void> =>
  buildUnlessCurrent(path('record/digests.json'), () => {
    builds += 1;
    writeFileSync(path('bundle'), readFileSync(path('source')));
    meanwhile();
    return Promise.resolve({ read: [path('source'), path('sources')], written: [path('bundle')] });
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-vault-current-'));
  builds = 0;
  save('source', 'first');
  mkdirSync(path('sources'));
  utimesSync(path('sources'), 0, 0);
});

describe('a build of unchanged sources', () => {
  test('runs once', async () => {
    await run();
    await run();

    expect(builds).toBe(1);
  });

  test('does not run again after a source was saved with the same text', async () => {
    await run();
    writeFileSync(path('source'), 'first');
    await run();

    expect(builds).toBe(1);
  });
});

describe('a build runs again', () => {
  test.each([
    ['a source has changed', () => writeFileSync(path('source'), 'second')],
    ['a file appears in a folder of sources', () => writeFileSync(path('sources/new'), '')],
    ['its result has changed', () => writeFileSync(path('bundle'), 'edited')],
    ['its result is gone', () => rmSync(path('bundle'))],
    ['its record is damaged', () => writeFileSync(path('record/digests.json'), '{"')],
  ])('if %s', async (_case, change) => {
    await run();
    change();
    await run();
    const source = readFileSync(path('source'), 'utf8');

    expect(builds).toBe(2);
    expect(readFileSync(path('bundle'), 'utf8')).toBe(source);
  });

  test('if a source was saved while it ran', async () => {
    await run(() => writeFileSync(path('source'), 'second'));
    await run();

    expect(builds).toBe(2);
    expect(readFileSync(path('bundle'), 'utf8')).toBe('second');
  });
});
