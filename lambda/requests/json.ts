import { VaultError } from '../contract/errors';

/** A text in quotes, of JSON that has been parsed already. */
const TEXT = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
/** Objects and lists within one another: what any event has, and some more. */
const MAX_DEPTH = 16;

/**
 * Reads JSON (RFC 8259) in strict UTF-8, without a byte order mark. Refused with `InvalidRequest`, which quotes nothing:
 * two members of one name at any depth (another reader may keep the first where this one keeps the last), a member
 * `__proto__`, nesting deeper than 16.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const value = parse(text);
  // each member has one colon outside the texts; one that was hidden by another of its name has no place in the value
  const colons = text.replace(TEXT, '').split(':').length - 1;
  if (colons !== countMembers(value, MAX_DEPTH)) throw refused('each member once', 'one twice');
  return value;
}

function countMembers(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw refused(`at most ${MAX_DEPTH} levels`, 'more');
  if (Object.hasOwn(value, '__proto__')) throw refused('plain names of members', 'another');
  const items: readonly unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : items.length;
  return items.reduce<number>((sum, item) => sum + countMembers(item, depth - 1), own);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('UTF-8', 'other bytes');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own error quotes the text
    throw refused('JSON', 'another text');
  }
}

function refused(expected: string, got: string): VaultError {
  return new VaultError('InvalidRequest', `body: expected ${expected}, got ${got}`);
}
