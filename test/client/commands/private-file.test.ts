import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fs, { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateFile } from '../../../client/commands/data/private-file';
import { material } from '../../support/run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-'));
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A file that was written, and has not appeared yet. */
function written(): PrivateFile {
  const [file] = PrivateFile.createAll([['out', join(folder, 'new')]], false);
  if (file === undefined) throw new Error('expected a file, got none');
  file.write(material(40));
  return file;
}

function failToClose(): jest.SpiedFunction<typeof fs.closeSync> {
  return jest.spyOn(fs, 'closeSync').mockImplementation(() => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
}

describe('a private file', () => {
  test('that can not be closed is removed, and the handle is closed once', () => {
    const file = written();
    const close = failToClose();

    expect(() => file.appear()).toThrow('--out: expected a file that can be written, got ENOSPC');

    expect(close).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is discarded is removed, although it can not be closed', () => {
    const file = written();
    failToClose();

    file.discard();

    expect(readdirSync(folder)).toEqual([]);
  });

  test('has all of the contents once it has appeared', () => {
    const file = written();

    file.appear();

    expect(readdirSync(folder)).toEqual(['new']);
    expect(readFileSync(join(folder, 'new'))).toHaveLength(40);
  });
});
