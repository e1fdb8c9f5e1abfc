import { type Goal, type Ratio, type Row, type Table, reaches } from './table';

export const WIDTH = 100;
const GAP = 2;

/** A printed column: its heading and a cell for each row. */
interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
}

/**
 * Returns the lines of a table. The columns that don't fit `WIDTH` form further blocks with the same labels, the ratios a
 * block of their own.
 */
export function renderTable({ title, columns, rows, notes = [] }: Table): readonly string[] {
  const labels = rows.map(({ label }) => label);
  const ratios = ratioColumns(rows);
  const blocks = blocksOf(labels, cellColumns(columns, rows), ratios);
  const legend = ratios.length === 0 ? [] : [LEGEND];
  return [
    ...wrap(title, ''),
    ...blocks.flatMap((block) => ['', ...renderBlock(labels, block)]),
    ...(blocks.length === 0 ? [] : ['']),
    ...[...legend, ...notes].flatMap((note) => wrap(note)),
  ];
}

const LEGEND = 'ratios: the median of the rounds (10th to 90th percentile), and the goal';

function blocksOf(labels: readonly string[], cells: readonly Column[], ratios: readonly Column[]) {
  const all = [...cells, ...ratios];
  if (all.length > 0 && fits(labels, all)) return [all];
  return [...split(labels, cells), ...split(labels, ratios)];
}

function cellColumns(headings: readonly string[], rows: readonly Row[]): readonly Column[] {
  const cellOf = (row: Row, at: number): string => formatNumber(row.cells[at] ?? Number.NaN);
  return headings.map((heading, at) => ({ heading, cells: rows.map((row) => cellOf(row, at)) }));
}

function ratioColumns(rows: readonly Row[]): readonly Column[] {
  const headings = new Set(rows.flatMap(({ ratios = [] }) => ratios.map(({ heading }) => heading)));
  return [...headings].map((heading) => ({
    heading,
    cells: rows.map(({ ratios = [] }) => {
      const ratio = ratios.find((each) => each.heading === heading);
      return ratio === undefined ? '' : formatRatio(ratio);
    }),
  }));
}

/** Returns for example `1.85 (1.70 to 2.01) ≤ 1.4 missed`. */
export function formatRatio(ratio: Ratio): string {
  const { median, low, high, goal } = ratio;
  const spread = `${formatNumber(median)} (${formatNumber(low)} to ${formatNumber(high)})`;
  return goal === undefined ? spread : `${spread} ${formatGoal(goal)}${reaches(ratio) ? '' : ' missed'}`;
}

export function formatGoal(goal: Goal): string {
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}

/** Returns three digits or more; nothing for `NaN`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

function renderBlock(labels: readonly string[], block: readonly Column[]): readonly string[] {
  const width = labelWidth(labels);
  const line = (label: string, cellOf: (column: Column) => string): string => {
    const cells = block.map((column) => ' '.repeat(GAP) + cellOf(column).padStart(columnWidth(column)));
    return `  ${label.padEnd(width)}${cells.join('')}`.trimEnd();
  };
  const head = line('', ({ heading }) => heading);
  return [head, ...labels.map((label, at) => line(label, ({ cells }) => cells[at] ?? ''))];
}

function split(labels: readonly string[], columns: readonly Column[]): readonly Column[][] {
  const blocks: Column[][] = [];
  for (const column of columns) {
    const last = blocks.at(-1);
    if (last !== undefined && fits(labels, [...last, column])) last.push(column);
    else blocks.push([column]);
  }
  return blocks;
}

function fits(labels: readonly string[], columns: readonly Column[]): boolean {
  const width = columns.reduce((sum, column) => sum + GAP + columnWidth(column), 2 + labelWidth(labels));
  return width <= WIDTH;
}

const labelWidth = (labels: readonly string[]): number => Math.max(0, ...labels.map(({ length }) => length));
const columnWidth = ({ heading, cells }: Column): number =>
  Math.max(heading.length, ...cells.map(({ length }) => length));

/** Breaks a text at its blanks. */
function wrap(text: string, indent = '  '): readonly string[] {
  if (indent.length + text.length <= WIDTH) return [`${indent}${text}`.trimEnd()];
  const end = text.lastIndexOf(' ', WIDTH - indent.length);
  if (end <= 0) return [`${indent}${text}`];
  return [`${indent}${text.slice(0, end)}`, ...wrap(text.slice(end + 1), indent)];
}
