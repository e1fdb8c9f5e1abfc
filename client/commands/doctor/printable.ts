const LIMIT = 300;

/**
 * Returns text from outside, fit for a terminal: control, format, bidirectional and line-separator characters are
 * replaced, and what is longer than 300 characters is cut.
 */
export function printable(text: string): string {
  const shown = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
  return shown.length > LIMIT ? `${shown.slice(0, LIMIT)}…` : shown;
}
