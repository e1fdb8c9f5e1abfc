/** Characters that no shell changes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** Returns a word as a POSIX shell reads it, for commands that are printed to be pasted. */
export function shellQuote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
