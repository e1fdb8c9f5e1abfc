/** A string in quotes, of JSON that has been parsed already. */
const TEXT = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
/** Nesting of objects and lists in a webhook's event, and some more. */
const MAX_DEPTH = 16;

export interface JsonOptions {
  /** objects and lists within one another, the outermost included @default 16 */
  readonly maxDepth?: number;
  /** makes the error of a refusal; neither text quotes the input */
  readonly refuse: (expected: string, got: string) => Error;
}

/**
 * Reads JSON (RFC 8259) in strict UTF-8, without a byte order mark. Refuses two members of one name at any depth
 * (another reader may keep the first, while this one keeps the last), a member `__proto__`, and deeper nesting.
 */
export function parseJson(bytes: Uint8Array, { maxDepth = MAX_DEPTH, refuse }: JsonOptions): unknown {
  const text = decodeUtf8(bytes, refuse);
  const value = parse(text, refuse);
  // each member has one colon outside the strings; a member hidden by another of its name is missing in the value
  const colons = text.replace(TEXT, '').split(':').length - 1;
  const countMembers = (item: unknown, depth: number): number => {
    if (typeof item !== 'object' || item === null) return 0;
    if (depth === 0) throw refuse(`at most ${maxDepth} ${maxDepth === 1 ? 'level' : 'levels'}`, 'more');
    if (Object.hasOwn(item, '__proto__')) throw refuse('plain names of members', 'another');
    const items: readonly unknown[] = Object.values(item);
    const own = Array.isArray(item) ? 0 : items.length;
    return items.reduce<number>((sum, each) => sum + countMembers(each, depth - 1), own);
  };
  if (colons !== countMembers(value, maxDepth)) throw refuse('each member once', 'one twice');
  return value;
}

function decodeUtf8(bytes: Uint8Array, refuse: JsonOptions['refuse']): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('UTF-8', 'other bytes');
  }
}

function parse(text: string, refuse: JsonOptions['refuse']): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own error quotes the text
    throw refuse('JSON', 'another text');
  }
}
