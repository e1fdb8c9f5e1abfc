/** A spreadsheet evaluates a cell that begins with one of these. */
const FORMULA = /^[=+\-@\t\r]/;

/** Returns rows as CSV by RFC 4180. A cell that a spreadsheet would evaluate gets an apostrophe in front. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
