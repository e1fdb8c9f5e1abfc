import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envFileText } from '../../../local/cli/env-file';

const VARIABLES = {
  ONE: 'http://127.0.0.1:1',
  TWO: 'aB3/+==',
  THREE: 'intake-1=arn:aws:kms:us-east-1:1:key/a,b=arn:c',
};
const PRINT = 'console.log(JSON.stringify([process.env.ONE, process.env.TWO, process.env.THREE]))';

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'env-')), 'local.env');
  writeFileSync(file, text);
  return file;
}

const run = (program: string, args: readonly string[]): unknown =>
  JSON.parse(execFileSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH } }));

test('the file of variables is read by Node and by a shell', () => {
  const file = fileOf(envFileText(VARIABLES));
  const sourced = `set -a; . ${file}; set +a; exec "${process.execPath}" -e '${PRINT}'`;

  expect(run(process.execPath, [`--env-file=${file}`, '-e', PRINT])).toEqual(Object.values(VARIABLES));
  expect(run('sh', ['-c', sourced])).toEqual(Object.values(VARIABLES));
});

test('the file of variables has one line a variable, without quotes, as Docker reads it', () => {
  const lines = envFileText(VARIABLES).trimEnd().split('\n');

  expect(lines[0]).toMatch(/^# share-vault-local, process \d+$/);
  expect(lines.slice(1)).toEqual(Object.entries(VARIABLES).map(([name, value]) => `${name}=${value}`));
});

test.each([
  ['a space', 'a b'],
  ['a quote', '{"a":1}'],
  ['a dollar sign', '$HOME'],
  ['a number sign', 'a#b'],
  ['a line', 'a\nb'],
])('the file of variables refuses a value with %s', (_what, value) => {
  expect(() => envFileText({ NAME: value })).toThrow('expected a value of NAME that needs no quotes, got another one');
});
