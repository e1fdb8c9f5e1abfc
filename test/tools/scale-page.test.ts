import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'scale.md'), 'utf8');

/** Returns the equations of a text that are written as code: `2 × 3 = 6`. */
function equationsOf(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]* = [^`\n]*)`/g)].flatMap(([, equation]) => equation ?? []);
}

/** Calculates sums, products and parentheses. Throws for anything else. */
function calculate(expression: string): number {
  const tokens = expression.replaceAll(',', '').match(/[\d.]+|[-+×/()]|[^\s]/g) ?? [];
  const value = sum(tokens);
  if (tokens.length > 0) throw new Error(`expected a sum or a product, got ${expression}`);
  return value;
}

function sum(tokens: string[]): number {
  let value = product(tokens);
  while (tokens[0] === '+' || tokens[0] === '-') value += (tokens.shift() === '+' ? 1 : -1) * product(tokens);
  return value;
}

function product(tokens: string[]): number {
  let value = factor(tokens);
  while (tokens[0] === '×' || tokens[0] === '/') value *= tokens.shift() === '×' ? factor(tokens) : 1 / factor(tokens);
  return value;
}

function factor(tokens: string[]): number {
  const token = tokens.shift() ?? '';
  if (token !== '(') return /^\d+(\.\d+)?$/.test(token) ? Number(token) : Number.NaN;
  const value = sum(tokens);
  return tokens.shift() === ')' ? value : Number.NaN;
}

/** Whether the right side is the left one, rounded to the digits that the right one has. */
function holds(equation: string): boolean {
  const [left = '', right = ''] = equation.split(' = ');
  const digits = right.split('.')[1]?.length ?? 0;
  return Math.abs(calculate(left) - calculate(right)) <= 0.5 * 10 ** -digits + 1e-9;
}

describe('the page about scale', () => {
  test('has equations', () => {
    expect(equationsOf(PAGE).length).toBeGreaterThan(30);
  });

  test.each([...new Set(equationsOf(PAGE))])('calculates %s', (equation) => {
    expect(holds(equation)).toBe(true);
  });

  test.each(['unseals', 'seals', 'deliveries'])('adds up the price of a million %s', (column) => {
    const table = PAGE.slice(PAGE.indexOf('| A million…')).split('\n\n')[0]?.split('\n') ?? [];
    const [head = [], , ...rows] = table.map((row) => row.split('|').map((cell) => cell.trim()));
    const at = head.indexOf(column);
    const prices = rows.map((row) => Number(/([\d.]+)[`*]*$/.exec(row[at] ?? '')?.[1]));
    const together = prices.pop() ?? Number.NaN;

    expect(prices.reduce((whole, price) => whole + price, 0)).toBeCloseTo(together, 5);
  });
});

describe('the check of equations', () => {
  test.each(['2 × 3 = 7', '1,000 / 2 = 501', '1 + 2 × (3 - 1) = 6', '1.5 × (0.50 + 0.12) = 0.94', '2 x 3 = 6'])(
    'refuses %s',
    (equation) => {
      expect(() => expect(holds(equation)).toBe(true)).toThrow();
    },
  );
});
