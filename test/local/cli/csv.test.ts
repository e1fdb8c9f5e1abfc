import { describe, expect, test } from '@jest/globals';
import { csv } from '../../../local/cli/csv';

describe('a CSV', () => {
  test('ends each row with CRLF and separates cells by commas', () => {
    expect(
      csv([
        ['a', 'b'],
        ['c', ''],
      ]),
    ).toBe('a,b\r\nc,\r\n');
  });

  test.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'a"b', '"a""b"'],
    ['a line feed', 'a\nb', '"a\nb"'],
    ['a carriage return', 'a\rb', '"a\rb"'],
  ])('quotes a cell with %s', (_what, cell, written) => {
    expect(csv([[cell]])).toBe(`${written}\r\n`);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('gives a spreadsheet no formula to evaluate: %s', (cell) => {
    expect(csv([[cell]])).toBe(`'${cell}\r\n`);
  });
});
