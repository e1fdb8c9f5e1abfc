import { beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { pageOf } from '../../../../local/audit/report';
import { escapeText, markup } from '../../../../local/audit/report/html/markup';
import type { Report } from '../../../../local/audit/report/schema';
import { reportOf } from './made';

const HOSTILE = `"><img src=x onerror=alert(1)></td>'&\u202e\u0000<script>alert(1)</script>`;
/** Members whose texts are words of the format: a report with others is refused when it is read. */
const WORDS = new Set([
  'format',
  'effect',
  'verdict',
  'area',
  'part',
  'kind',
  'result',
  'reaches',
  'group',
  'id',
  'controls',
  'by',
  'deniedByControl',
]);

/** Returns a report whose every name and text is hostile, and begins with what it was. */
function hostile(value: unknown, name = '', parent = ''): unknown {
  // the names of nodes are their ids
  if (WORDS.has(name) && !(name === 'id' && parent === 'nodes')) return value;
  if (typeof value === 'string') return `${value}${HOSTILE}`;
  if (Array.isArray(value)) return value.map((each) => hostile(each, name, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hostile(each, key, name)]));
}

/** The tags of a page in their order, without the values of attributes. */
const tagsOf = (page: string): readonly string[] =>
  [...page.matchAll(/<[a-z/!][^>]*>/gi)].map(([tag]) => tag.replace(/="[^"]*"/g, ''));

describe('the page of a report', () => {
  let report: Report;
  let page: string;

  beforeAll(async () => {
    report = await reportOf('dev');
    page = pageOf(report);
  });

  test('is the same for the same templates, byte for byte', async () => {
    expect(pageOf(await reportOf('dev'))).toBe(page);
  });

  test('allows itself nothing but its own style', () => {
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');

    expect(page.replaceAll('&#39;', "'")).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
  });

  test('has no script, no handler, no style of an element, and no address of another page', () => {
    const tags = [...page.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);
    const links = tags.flatMap((tag) => /\s(?:href|src)="([^"]*)"/.exec(tag)?.[1] ?? []);

    expect(tags.filter((tag) => /^<(?:script|img|iframe|link|object|form)|\s(?:on\w+|style)=/i.test(tag))).toEqual([]);
    expect(links.filter((link) => !link.startsWith('#'))).toEqual([]);
  });

  test('has each id once, and each target of a link', () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id ?? '');
    const targets = [...page.matchAll(/\shref="#([^"]*)"/g)].map(([, id]) => id ?? '');

    expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([]);
    expect(targets.length).toBeGreaterThan(100);
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('shows names that are markup as text', () => {
    const spoiled = pageOf(hostile(report) as Report);

    expect(tagsOf(spoiled)).toEqual(tagsOf(page));
    expect(['\u202e', '\u0000'].filter((hidden) => spoiled.includes(hidden))).toEqual([]);
    expect(spoiled).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('has less than 650 kB for a vault', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(650_000);
  });
});

describe('markup', () => {
  test('escapes every value that is not markup, in lists too', () => {
    expect(markup`<p title="${'"'}">${['<', markup`<b>${'&'}</b>`, 1, undefined]}</p>`.text).toBe(
      '<p title="&quot;">&lt;<b>&amp;</b>1</p>',
    );
  });

  test.each([
    ['\u202e', '\\u{202e}'],
    ['\u0000', '\\u{0}'],
    ['\u200b', '\\u{200b}'],
    ['\ud800', '\\u{d800}'],
    ['\n', '\\u{a}'],
  ])('shows the invisible character %j', (character, shown) => {
    expect(escapeText(character)).toBe(shown);
  });
});
