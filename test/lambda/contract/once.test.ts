import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..', '..');
/** The emulator may not import the vault's contract, so the test compares its facts only with each other. */
const ROOMS = [
  ['lambda/**/*.ts', 'client/**/*.ts', 'lib/**/*.ts', 'local/{vault,demo,cli,audit}/**/*.ts'],
  ['local/emulator/**/*.ts'],
];
/** Shorter patterns, such as one of digits, are not facts that two files share. */
const MIN_PATTERN_CHARS = 18;
/** Units are not limits. */
const UNIT_NAME = /^(SECOND|MINUTE|HOUR|DAY|WEEK)_MS$/;
const LIMIT_NAME =
  /^[A-Z][A-Z0-9_]*_(MS|SECONDS|DAYS|BYTES|BITS|CHARS|ROWS|ATTEMPTS|CANDIDATES|PROBLEMS)$|^M(AX|IN)_[A-Z0-9_]+$/;

/** Returns the patterns of a file, and its numeric constants with the name of a limit. */
function factsOf(name: string, text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node) && node.text.length >= MIN_PATTERN_CHARS) found.push(node.text);
    if (ts.isVariableDeclaration(node) && node.initializer && isNumeric(node.initializer)) {
      const constant = node.name.getText();
      const value = node.initializer.getText().replaceAll('_', '');
      if (LIMIT_NAME.test(constant) && !UNIT_NAME.test(constant)) found.push(`${constant} = ${value}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return [...new Set(found)];
}

/** A number, or a calculation with numbers only. */
function isNumeric(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return isNumeric(node.left) && isNumeric(node.right);
  return ts.isNumericLiteral(node);
}

/** Returns each fact that two files state, with the files. */
function statedTwice(files: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const places = new Map<string, string[]>();
  for (const [name, text] of Object.entries(files)) {
    for (const fact of factsOf(name, text)) places.set(fact, [...(places.get(fact) ?? []), name]);
  }
  return Object.fromEntries([...places].filter(([, names]) => names.length > 1));
}

const sources = (patterns: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    globSync([...patterns], { cwd: ROOT, exclude: (name) => /node_modules|dist|\.d\.ts$/.test(name) })
      .sort()
      .map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]),
  );

describe('a fact of the contract', () => {
  test.each(ROOMS.map((patterns) => [patterns.join(' '), patterns] as const))(
    'is stated in one file only of %s',
    (_name, patterns) => {
      expect(statedTwice(sources(patterns))).toEqual({});
    },
  );

  test.each([
    ['a pattern', 'const KID = /^[A-Za-z0-9_.-]{1,64}$/;', '/^[A-Za-z0-9_.-]{1,64}$/'],
    ['a limit', 'const MAX_CANDIDATES = 3;', 'MAX_CANDIDATES = 3'],
    ['a time', 'export const RETRY_MS = 3 * 1_000;', 'RETRY_MS = 3 * 1000'],
  ])('is found if two files state %s', (_what, text, fact) => {
    const files = { 'a.ts': text, 'b.ts': 'const DAY_MS = 86_400_000; const LENGTH = 3;' };

    expect(statedTwice(files)).toEqual({});
    expect(statedTwice({ ...files, 'c.ts': `${files['b.ts']}\n${text}` })).toEqual({ [fact]: ['a.ts', 'c.ts'] });
  });
});
