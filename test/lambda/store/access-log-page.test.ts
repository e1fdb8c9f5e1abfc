import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessLogEntry } from '../../../lambda/contract/responses';
import { entryHash } from '../../../lambda/contract/chain';

const PAGE = readFileSync(join(__dirname, '../../../docs/access-log.md'), 'utf8');
const COLUMNS = [...PAGE.matchAll(/^\| `([a-z_]+)` +\| `([A-Za-z]+)` +\|/gm)].map(([, name = '', member = '']) => ({
  name,
  member,
}));
const BYTES = [...PAGE.matchAll(/^\| (\d+) +\| (\d+) +\| (?:hash|length).*\| `([0-9a-f]+)` +\|$/gm)].map(
  ([, offset, length, hex = '']) => ({
    offset: Number(offset),
    length: Number(length),
    bytes: Buffer.from(hex, 'hex'),
  }),
);
type Line = AccessLogEntry & { readonly walletId: string; readonly chain: string };
const LINES = (/^```json\n([^]*?)\n```$/m.exec(PAGE)?.[1] ?? '').split('\n').map((line) => JSON.parse(line) as Line);
const HEAD = /^`(\d+:[0-9a-f]{64})`\.$/m.exec(PAGE)?.[1];

/** Follows the page, without the vault's code. */
function hashByThePage(line: object, previousHash: string): string {
  const values = new Map(Object.entries(line));
  const texts = COLUMNS.filter(({ member }) => values.has(member)).flatMap(({ name, member }) => [name, String(values.get(member))]); // prettier-ignore
  const sized = texts.map((text) => {
    const length = Buffer.byteLength(text);
    return Buffer.concat([Buffer.of(length >>> 24, length >>> 16, length >>> 8, length), Buffer.from(text)]);
  });
  return createHash('sha256').update(Buffer.concat([Buffer.from(previousHash, 'hex'), ...sized])).digest('hex'); // prettier-ignore
}

const oneOf = <T>(...values: readonly T[]): T => values[randomBytes(1).readUInt8() % values.length] as T;

function randomLine(): Line {
  const text = () => oneOf('', 'a', 'signer', 'für 7 ×', '\ud83d\ude00'.repeat(40), '\u202e', '日本語', '\ud800');
  return {
    walletId: text(),
    chain: text(),
    sequence: oneOf(1, 10, 700_000, Number.MAX_SAFE_INTEGER),
    at: '2026-11-21T08:30:00.120Z',
    action: oneOf('seal', 'unseal', 'revoke'),
    outcome: text(),
    actor: text(),
    requestId: text(),
    ...oneOf({}, { recordId: randomUUID() }),
    ...oneOf({}, { reason: text() }),
    previousHash: randomBytes(32).toString('hex'),
    hash: '',
  };
}

describe('docs/access-log.md', () => {
  test('has a worked example whose bytes, hashes and head fit', () => {
    const bytes = Buffer.concat(BYTES.map((each) => each.bytes));
    const offsets = BYTES.map((_, i) => Buffer.concat(BYTES.slice(0, i).map((each) => each.bytes)).length);
    const [first, second] = LINES;

    expect(LINES).toHaveLength(2);
    expect(BYTES.map(({ offset }) => offset)).toEqual(offsets);
    expect(BYTES.map(({ length }) => length)).toEqual(BYTES.map((each) => each.bytes.length));
    expect(PAGE).toContain(`The ${bytes.length} bytes`);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(second?.hash);
    expect(second?.previousHash).toBe(first?.hash);
    expect(HEAD).toBe(`2:${second?.hash ?? ''}`);
    expect(LINES.map((line) => entryHash(line, line))).toEqual(LINES.map(({ hash }) => hash));
  });

  test('describes the hash so that code written from the page computes the same for any row', () => {
    const rows = [...LINES, ...Array.from({ length: 500 }, randomLine)];

    expect(rows.map((row) => hashByThePage(row, row.previousHash))).toEqual(rows.map((row) => entryHash(row, row)));
  });
});
