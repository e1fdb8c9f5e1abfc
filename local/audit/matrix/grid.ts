/** Two spaces between columns. */
const GAP = '  ';

/** Aligns cells to columns, as wide as their widest cell. */
export function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/**
 * Aligns cells to columns, in as many tables below each other as the width needs. Each table repeats the first column.
 *
 * @param width the terminal's columns; undefined for one table of any width
 */
export function alignWithin(rows: readonly (readonly string[])[], width: number | undefined): readonly string[] {
  const [head = []] = rows;
  const groups: number[][] = [[]];
  for (const column of head.keys()) {
    if (column === 0) continue;
    const group = [...(groups.at(-1) ?? []), column];
    if (group.length === 1 || width === undefined || widthOf(rows, [0, ...group]) <= width) groups.splice(-1, 1, group);
    else groups.push([column]);
  }
  return groups.flatMap((group, index) => [
    ...(index === 0 ? [] : ['']),
    ...align(rows.map((row) => [0, ...group].map((column) => row[column] ?? ''))),
  ]);
}

function widthOf(rows: readonly (readonly string[])[], columns: readonly number[]): number {
  const widths = columns.map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
}
