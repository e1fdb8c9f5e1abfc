import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { preProcessFile } from 'typescript';

const ROOT = join(__dirname, '..');

/** Returns each file's imports, by paths from the root. */
type Imports = ReadonlyMap<string, readonly string[]>;

function readImports(): Imports {
  const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const known = new Set(files);
  const resolve = (from: string, specifier: string): string[] => {
    const path = posix.join(posix.dirname(from), specifier);
    return [path, `${path}.ts`, `${path}/index.ts`].filter((candidate) => known.has(candidate)).slice(0, 1);
  };
  const read = (file: string): string[] =>
    preProcessFile(readFileSync(join(ROOT, file), 'utf8'))
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .flatMap(({ fileName }) => resolve(file, fileName));
  return new Map(files.map((file) => [file, read(file)]));
}

/** Returns the first circle on each way from each file, such as `a.ts -> b.ts -> a.ts`. */
function findCircles(imports: Imports): readonly string[] {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] => {
    const start = way.indexOf(file);
    if (start >= 0) return [[...way.slice(start), file].join(' -> ')];
    if (done.has(file)) return [];
    const circles = (imports.get(file) ?? []).flatMap((next) => visit(next, [...way, file]));
    done.add(file);
    return circles;
  };
  return [...imports.keys()].flatMap((file) => visit(file, []));
}

test('no file imports itself through others, not even for a type', () => {
  expect(findCircles(readImports())).toEqual([]);
});

test.each([
  ['two files', { 'a.ts': ['b.ts'], 'b.ts': ['a.ts'] }, ['a.ts -> b.ts -> a.ts']],
  ['three files', { 'a.ts': ['b.ts'], 'b.ts': ['c.ts'], 'c.ts': ['b.ts'] }, ['b.ts -> c.ts -> b.ts']],
  ['no file', { 'a.ts': ['b.ts', 'c.ts'], 'b.ts': ['c.ts'], 'c.ts': [] }, []],
])('a circle of %s is found', (_name, imports, circles) => {
  expect(findCircles(new Map(Object.entries(imports)))).toEqual(circles);
});
