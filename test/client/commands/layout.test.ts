import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { facts, fit, wrap } from '../../../client/commands/layout';
import { shellQuote } from '../../../client/commands/shell-quote';

const ARN = `arn:aws:kms:eu-central-1:111122223333:key/${'0'.repeat(60)}`;

describe('a text for a terminal', () => {
  test('is broken at blanks only, and loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 60 }).filter((word) => !/\s/.test(word))),
        fc.integer({ min: 1, max: 100 }),
        (words, columns) => {
          // prettier-ignore
          const lines = wrap(words.join(' '), columns);

          expect(lines.join(' ')).toBe(words.join(' '));
          for (const line of lines) expect(line.length <= columns || !line.includes(' ')).toBe(true);
        },
      ),
    );
  });

  test('has a line for an ARN that is longer than the terminal is wide', () => {
    expect(fit(`one two ${ARN} three`, 40)).toBe(`one two\n  ${ARN}\n  three`);
  });

  test('keeps an indented line, which is one to be pasted', () => {
    const line = `  share-vault log --environment prod --wallet ${'w'.repeat(80)} --chain EVM`;

    expect(fit(`${line}\n`, 40)).toBe(`${line}\n`);
  });

  test('is unchanged in a pipe', () => {
    expect(fit('word '.repeat(100), undefined)).toBe('word '.repeat(100));
  });
});

describe('facts', () => {
  test('have their names in one column, and begin below the name if they do not fit beside it', () => {
    expect(facts([['kind', 'x'], ['keyId', ARN], ['none', undefined], ['count', 0]], 60)).toBe(`kind   x\nkeyId\n  ${ARN}\ncount  0\n`); // prettier-ignore
  });

  test('are wrapped beside the name if their words fit there', () => {
    expect(facts([['name', 'aa bb cc dd']], 12)).toBe('name  aa bb\n      cc dd\n');
  });

  test('are not wrapped in a pipe', () => {
    expect(facts([['keyId', `${ARN} ${ARN}`]], undefined)).toBe(`keyId  ${ARN} ${ARN}\n`);
  });
});

describe('a word that is printed to be pasted', () => {
  test.each(['plain', 'a/b.json', 'a b', "it's", '$HOME', '`id`', 'a\nb', '', '*', '~', '!!', '-x', 'ü', '"', '\\'])(
    'is read by a shell as it was: %j',
    (word) => {
      const read = execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' });

      expect(read).toBe(word);
    },
  );

  test('is quoted only if it has to be', () => {
    expect([shellQuote('/tmp/a-b_c.json'), shellQuote('a b')]).toEqual(['/tmp/a-b_c.json', "'a b'"]);
  });
});
