import { expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OwnedFile, markLine } from '../../../local/cli/owned-file';
import { folder } from './run';

const MINE = `${markLine()}\nA=1\n`;

function prepared(): { readonly file: OwnedFile; readonly path: string } {
  const path = join(folder(), 'local.env');
  const file = new OwnedFile('--dotenv', path);
  file.prepare();
  return { file, path };
}

test('a file for other programs is readable only by its owner, and is removed at the end', () => {
  const { file, path } = prepared();

  file.write(MINE);

  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe(MINE);
  file.remove();
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['another program', 'B=2\n', 'expected a new file, got a file of another program'],
  ['another vault', `# share-vault-local, process ${process.ppid}\n`, 'expected a file that no vault uses'],
])('a file that %s wrote during the start is not replaced or removed', (_who, text, message) => {
  const { file, path } = prepared();
  writeFileSync(path, text);

  expect(() => file.write(MINE)).toThrow(message);
  file.remove();
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a file of the same name with .new at its end is not touched', () => {
  const { file, path } = prepared();
  writeFileSync(`${path}.new`, 'mine');

  file.write(MINE);

  expect(readFileSync(`${path}.new`, 'utf8')).toBe('mine');
});
