const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const LETTER_U = 0x75;
const SPACE = 0x20;
const WHITE_SPACE: ReadonlySet<number | undefined> = new Set(Buffer.from(' \t\r\n'));
/** The character after a backslash → its meaning; serializers escape the slash too, as `\/`. */
const ESCAPES = new Map([...Buffer.from('nrtbf"\\/')].map((code, i) => [code, Buffer.from('\n\r\t\b\f"\\/')[i]]));

/**
 * Takes a string out of a response, JSON in UTF-8, by its member's name, and leaves an empty string and white space in its
 * place: the SDK's parser never sees it, since the parser's strings can't be wiped. `use` gets the string's bytes,
 * unescaped, as a slice of `body` that is overwritten when `use` returns or throws; bytes outside ASCII are zeros there.
 * Returns `undefined` if the response has no such string.
 */
export function takeMember(body: Buffer, name: string, use: (text: Buffer) => Buffer): Buffer | undefined {
  const start = valueStart(body, Buffer.from(`"${name}"`));
  if (start === undefined) return undefined;
  const end = valueEnd(body, start);
  try {
    return use(body.subarray(start, unescape(body, start, end)));
  } finally {
    body.fill(SPACE, start, Math.min(end + 1, body.length));
    if (end < body.length) body[start] = QUOTE;
  }
}

/** Returns the offset of the value's first character, after its quote. */
function valueStart(body: Buffer, name: Buffer): number | undefined {
  for (let at = body.indexOf(name); at >= 0; at = body.indexOf(name, at + 1)) {
    // an escaped quote: the end of some longer name or value, not a name
    if (body[at - 1] === BACKSLASH) continue;
    const colon = skipSpace(body, at + name.length);
    if (body[colon] !== COLON) continue;
    const quote = skipSpace(body, colon + 1);
    if (body[quote] === QUOTE) return quote + 1;
  }
  return undefined;
}

/** Returns the offset of the closing quote, or of the body's end if it has none. */
function valueEnd(body: Buffer, start: number): number {
  let at = start;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return Math.min(at, body.length);
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (WHITE_SPACE.has(body[at])) at += 1;
  return at;
}

/** Undoes JSON's escapes in place; returns the new end. */
function unescape(body: Buffer, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; from += 1) {
    let code = body[from];
    if (code === BACKSLASH) {
      from += 1;
      if (body[from] === LETTER_U) {
        code = Number.parseInt(body.toString('latin1', from + 1, from + 5), 16);
        from += 4;
      } else {
        code = ESCAPES.get(body[from] ?? 0);
      }
    }
    body[to] = code !== undefined && code < 0x80 ? code : 0;
    to += 1;
  }
  return to;
}
