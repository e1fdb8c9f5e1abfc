import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ratiosOf, readResults, withSubject, writeResults } from '../../bench/harness/results';
import type { Ratio, Table } from '../../bench/harness/table';

const MACHINE = { processor: 'p', cores: 2, node: '24', load: { start: 0, end: 0 }, date: '2026-12-01' };

function tableOf(...ids: readonly string[]): Table {
  const ratios = ids.map((id): Ratio => ({ id, heading: id, median: 1.23456, low: 1, high: 2, goal: { atMost: 2 } }));
  return { title: 'a table', columns: [], rows: [{ label: 'a row', cells: [], ratios }] };
}

describe('the ratios of a subject', () => {
  test('are in the order of their ids, numbers by their value', () => {
    const ratios = ratiosOf('a', [tableOf('a/seal/4096', 'a/seal/32'), tableOf('a/open/600')]);

    expect(ratios.map(({ id }) => id)).toEqual(['a/open/600', 'a/seal/32', 'a/seal/4096']);
  });

  test('are refused if an id is there twice, or belongs to another subject', () => {
    expect(() => ratiosOf('a', [tableOf('a/b', 'a/b')])).toThrow('expected the ratio a/b once');
    expect(() => ratiosOf('a', [tableOf('b/a')])).toThrow('expected ratios of a/…, got b/a');
  });

  test('are refused if one is no number', () => {
    const [row] = tableOf('a/b').rows;
    const rows = [{ label: '', cells: [], ratios: row?.ratios?.map((it) => ({ ...it, low: Number.NaN })) ?? [] }];

    expect(() => ratiosOf('a', [{ title: '', columns: [], rows }])).toThrow('expected numbers of a/b');
  });
});

describe('the results', () => {
  const subject = (median: number) => ({ machine: MACHINE, ratios: [{ id: 'x', median, low: 1, high: 2 }] });

  test('of one subject replace only its own, and subjects have the order in which they run', () => {
    const before = { b: subject(1), gone: subject(2), c: subject(3) };
    const after = withSubject(before, 'a', subject(4), ['c', 'a', 'b']);

    expect(Object.keys(after)).toEqual(['c', 'a', 'b']);
    expect(withSubject(after, 'b', subject(5), ['c', 'a', 'b'])).toEqual({ ...after, b: subject(5) });
  });

  test('of a file that does not exist are none', () => {
    expect(readResults('/nowhere/results.json')).toEqual({});
  });

  test('are written the same way each time, without headings, with four digits, and are read again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
    try {
      const file = join(folder, 'results.json');
      writeResults(file, { a: { machine: MACHINE, ratios: ratiosOf('a', [tableOf('a/b')]) } });
      const text = readFileSync(file, 'utf8');
      writeResults(file, readResults(file));

      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(readResults(file).a?.ratios).toEqual([{ id: 'a/b', median: 1.235, low: 1, high: 2, goal: { atMost: 2 } }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
