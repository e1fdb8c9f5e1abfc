/** Columns that a line may take. */
export const COLUMNS = 110;

/** Lines that hold a text whole, broken at spaces, and within words that are longer than a line. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

/** A value that a caller chose, on one line: what could end a line, or look like more than one value, is quoted. */
export function shown(value: string): string {
  return /^[\x21-\x7e]+$/.test(value) && !/[",={}]/.test(value) ? value : escaped(JSON.stringify(value));
}

/** Control, bidirectional and line-separating characters as escapes, which JSON leaves as they are beyond ASCII. */
export function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
