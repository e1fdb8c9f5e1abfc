/** The maximum width of a line. */
export const COLUMNS = 110;

/** Returns a text as lines, broken at spaces, and within a word only if it is longer than a line. */
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

/** Returns a caller's value on one line. It is quoted if it could end the line or look like several values. */
export function shown(value: string): string {
  return /^[\x21-\x7e]+$/.test(value) && !/[",={}]/.test(value) ? value : escaped(JSON.stringify(value));
}

/** Escapes all but printable ASCII characters: JSON doesn't escape bidirectional and some control characters. */
export function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
