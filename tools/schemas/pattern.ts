/** The last code point of Unicode. */
const LAST = 0x10_ffff;
/** A text without any character of a class: `^[^…]*$`. */
const WITHOUT_CLASS = /^\^\[\^(?<members>.*)\]\*\$$/;
/** A negative lookahead; some engines have none. */
const LOOKAHEAD = /\(\?![^)]*\)/g;

/**
 * Returns a pattern of JSON Schema that every engine reads: ECMAScript's names of properties (`\p{Cf}`) and its escapes
 * (`\u200b`) are unknown to some, so a class that has them is written out, character by character. A lookahead is left out.
 */
export function portablePattern({ source, flags }: RegExp): string {
  const members = flags === 'u' ? WITHOUT_CLASS.exec(source)?.groups?.members : undefined;
  if (members !== undefined) return `^[^${rangesOf(members)}]*$`;
  // patterns that ignore case are ASCII
  const cased = flags === 'i' ? source.replaceAll(/A-Z|a-z/g, 'A-Za-z') : source;
  return cased.replaceAll(LOOKAHEAD, '');
}

/** Whether the portable pattern matches more than the pattern itself. */
export function isLoosened({ source }: RegExp): boolean {
  return source.replaceAll(LOOKAHEAD, '') !== source;
}

/** Classes that were written out: a class has more than a million candidates. */
const WRITTEN = new Map<string, string>();

/** Returns the characters of a class as ranges of the characters themselves. */
function rangesOf(members: string): string {
  const written = WRITTEN.get(members) ?? rangesOfMembers(new RegExp(`[${members}]`, 'u'));
  WRITTEN.set(members, written);
  return written;
}

function rangesOfMembers(member: RegExp): string {
  const ranges: string[] = [];
  let first: number | undefined;
  for (let code = 0; code <= LAST + 1; code++) {
    const isMember = code <= LAST && !isSurrogate(code) && member.test(String.fromCodePoint(code));
    if (isMember) first ??= code;
    else if (first !== undefined) {
      ranges.push(rangeOf(first, code - 1));
      first = undefined;
    }
  }
  return ranges.join('');
}

/** JSON in UTF-8 can't hold one by itself. */
function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function rangeOf(first: number, last: number): string {
  const ends = first === last ? [first] : [first, last];
  return ends.map((code) => String.fromCodePoint(code)).join('-');
}
