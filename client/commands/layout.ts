/** Returns lines of at most so many columns, broken at blanks only: a longer word, such as an ARN, has a line of its own. */
export function wrap(text: string, columns: number, indent = 0): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `${' '.repeat(indent)}${word}`);
  }
  return lines;
}

/**
 * Returns a text for an output: for a terminal, with its lines wrapped; for a pipe unchanged. An indented line stays as it
 * is, since it is one to be pasted.
 */
export function fit(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  const lines = text.split('\n').map((line) => (line.startsWith('  ') ? [line] : wrap(line, columns, 2)));
  return lines.flat().join('\n');
}

/**
 * Returns facts as lines, the names in one column. In a terminal a value that does not fit beside its name begins on the
 * line below it.
 */
export function facts(
  pairs: readonly (readonly [name: string, value: string | number | undefined])[],
  columns: number | undefined,
): string {
  const given = pairs.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...given.map(([name]) => name.length)) + 2;
  return given.map(([name, value]) => `${fact(name, String(value), width, columns)}\n`).join('');
}

function fact(name: string, value: string, width: number, columns: number | undefined): string {
  const whole = `${name.padEnd(width)}${value}`;
  if (columns === undefined || whole.length <= columns) return whole;
  const wrapped = wrap(value, columns - width);
  const fits = wrapped.every((line) => line.length <= columns - width);
  if (fits) return `${name.padEnd(width)}${wrapped.join(`\n${' '.repeat(width)}`)}`;
  return `${name}\n  ${wrap(value, columns - 2).join('\n  ')}`;
}
