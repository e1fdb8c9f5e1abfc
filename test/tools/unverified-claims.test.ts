import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const PAGES = [
  ...['README.md', 'SECURITY.md'],
  ...['docs', 'docs/incidents', 'docs/keys'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(folder, name)),
  ),
].filter((name) => name.endsWith('.md'));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** The numbers of the steps of docs/first-deploy.md, as text. */
const STEPS = [...read('docs/first-deploy.md').matchAll(/^(\d+)\. \*\*/gm)].map(([, step]) => step);

describe('an unverified claim of a page', () => {
  test.each(PAGES)('of %s names a step of docs/first-deploy.md that settles it', (name) => {
    const marks = [...read(name).matchAll(/\(unverified([^)]*)\)/g)].map(([, step = '']) =>
      step.replace(': step ', ''),
    );

    expect(marks.filter((step) => step !== 'N' && !STEPS.includes(step))).toEqual([]);
  });
});

describe('the steps of docs/first-deploy.md', () => {
  test('are numbered from 1 without a gap', () => {
    expect(STEPS).toEqual(STEPS.map((_, index) => String(index + 1)));
  });
});
