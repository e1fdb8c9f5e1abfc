import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSource, sourceArguments } from '../../../local/cli/source';

const folder = mkdtempSync(join(tmpdir(), 'share-vault-source-'));
function fileOf(content: string | Uint8Array): string {
  const file = join(folder, `file-${String(content.length)}`);
  writeFileSync(file, content);
  return file;
}
const app = { app: '/app' };

describe('the options for stacks', () => {
  test('the options read an app, its stacks, and the values that they need', () => {
    const source = readSource({
      ...app,
      stack: ['One', 'Two'],
      parameter: ['Size=small', 'One:Url=https://a?b=c', `Token=@${fileOf('secret\n')}`],
      'ssm-parameter': ['/a/b=c', '/empty='],
      secret: [`mine=${fileOf('two\nlines\n')}`, `binary=${fileOf(Uint8Array.of(255, 254, 0))}`],
    });

    expect(source).toEqual({
      app: '/app',
      stacks: ['One', 'Two'],
      parameters: { Size: 'small', 'One:Url': 'https://a?b=c', Token: 'secret' },
      ssmParameters: { '/a/b': 'c', '/empty': '' },
      secrets: { mine: 'two\nlines\n', binary: Buffer.from([255, 254, 0]) },
    });
  });

  test.each([
    ['a template and an app', { ...app, template: 'a' }, 'expected --template or --app, got both'],
    ['a stack without an app', { template: 'a', stack: ['One'] }, 'expected --app DIR with --stack, got none'],
    [
      'a parameter without a value',
      { ...app, parameter: ['Size'] },
      'expected NAME=VALUE after --parameter, got something else',
    ],
    ['a parameter twice', { ...app, parameter: ['A=b', 'A=c'] }, 'expected each --parameter once, got A twice'],
    [
      'a file that is missing',
      { ...app, parameter: ['A=@/nowhere'] },
      'expected a file that can be read after --parameter, got /nowhere',
    ],
    [
      'a secret without a file',
      { ...app, secret: ['A=/nowhere'] },
      'expected a file that can be read after --secret, got /nowhere',
    ],
    [
      'an empty secret',
      { ...app, secret: [`A=${fileOf('')}`] },
      'expected a value in the file after --secret, got none',
    ],
  ])('the options refuse %s', (_what, values, message) => {
    expect(() => readSource(values)).toThrowWithCode('UsageError');
    expect(() => readSource(values)).toThrow(message);
  });

  test('the options are printed again without the values of parameters', () => {
    const source = readSource({ ...app, stack: ['One'], parameter: ['Token=hunter2'], 'ssm-parameter': ['/a=b c'] });

    expect(sourceArguments(source, (path) => path)).toBe(
      "--app /app --stack One --parameter 'Token=…' --ssm-parameter '/a=b c' ",
    );
  });

  test('the options of the default template are not printed', () => {
    expect(sourceArguments({ template: '/a.template.json', bundles: '/b' }, (path) => path)).toBe('');
  });
});
