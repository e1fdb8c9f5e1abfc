import { describe, expect, test } from '@jest/globals';
import { headerLine } from '../../bench/harness/machine';
import { progressLine } from '../../bench/harness/progress-line';
import { WIDTH, renderTable } from '../../bench/harness/render';
import type { Ratio } from '../../bench/harness/table';

const RATIO: Ratio = { id: 'a/b', heading: 'a / b', median: 1.5, low: 1.2, high: 2.04, goal: { atMost: 1.4 } };

describe('a table', () => {
  test('has each row with its cells, and its ratios with their spread and goal', () => {
    const rows = [{ label: 'seal', cells: [12.34, Number.NaN, 1234.5], ratios: [RATIO] }];
    const lines = renderTable({ title: 'Times, ms', columns: ['vault', 'none', 'esdk'], rows, notes: ['a note'] });

    expect(lines).toEqual([
      'Times, ms',
      '',
      '        vault  none  esdk                             a / b',
      '  seal   12.3        1235  1.50 (1.20 to 2.04) ≤ 1.4 missed',
      '',
      expect.stringContaining('ratios: the median'),
      '  a note',
    ]);
  });

  test('says missed only of a ratio that misses its goal', () => {
    const rows = [{ label: 'x', cells: [], ratios: [{ ...RATIO, median: 1.4 }] }];

    expect(renderTable({ title: '', columns: [], rows }).join('\n')).not.toContain('missed');
  });

  test('fits its width with many columns, ratios and long notes, and loses none', () => {
    const columns = Array.from({ length: 30 }, (_, i) => `column ${i}`);
    const ratios = columns.map((heading) => ({ ...RATIO, id: heading, heading: `ratio of ${heading}` }));
    const rows = ['first', 'second'].map((label) => ({ label, cells: columns.map(() => 123_456), ratios }));
    const lines = renderTable({ title: 'a title '.repeat(20), columns, rows, notes: ['words '.repeat(60)] });

    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(lines.join('\n').match(/123456/g)).toHaveLength(60);
    expect(lines.join('\n').match(/missed/g)).toHaveLength(60);
  });
});

test('the line about the machine fits its width even if the processor has a long name', () => {
  const machine = {
    processor: 'p'.repeat(200),
    cores: 2,
    node: '24.0.0',
    load: { start: 0.5, end: 1 },
    date: '2026-12-01',
  };
  const line = headerLine('message', machine, WIDTH);

  expect(line).toHaveLength(WIDTH);
  expect(line).toContain('pp, 2 cores, Node 24.0.0, load 0.50 to 1.00, 2026-12-01');
});

describe('the progress line', () => {
  test('is erased before each text, and fits its width', () => {
    let written = '';
    const line = progressLine({ isTTY: true, write: (text: unknown) => (written += String(text)) !== '' });
    line?.show('x'.repeat(300));
    line?.erase();

    expect(written).toBe(`\r\u001b[2K${'x'.repeat(WIDTH)}\r\u001b[2K`);
  });

  test('exists only on a terminal', () => {
    expect(progressLine({ isTTY: false, write: () => true })).toBeUndefined();
  });
});
