import { VaultError } from '../errors';
import { wipe } from '../bytes';

const NAME = Buffer.from('"Plaintext"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const COLON = 0x3a;
const LETTER_U = 0x75;
const SPACE = 0x20;
const PADDING = 0x3d;
const WHITE_SPACE: ReadonlySet<number | undefined> = new Set(Buffer.from(' \t\r\n'));
const SEXTETS = new Map(
  [...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')].map((code, value) => [
    code,
    value,
  ]),
);

/**
 * Takes the bytes of `"Plaintext"` out of a KMS answer, JSON in UTF-8, and leaves an empty string and white space where
 * they stood: the SDK's parser, whose strings can't be wiped, never sees them. `undefined` where the answer has none.
 * The characters are gone from `body` even when it throws. The caller wipes the result.
 */
export function takePlaintext(body: Buffer): Buffer | undefined {
  const start = valueStart(body);
  if (start === undefined) return undefined;
  const quote = body.indexOf(QUOTE, start);
  const end = quote < 0 ? body.length : quote;
  try {
    return decode(body, start, unescape(body, start, end));
  } finally {
    body.fill(SPACE, start, Math.min(end + 1, body.length));
    if (quote >= 0) body[start] = QUOTE;
  }
}

/** Where the value's characters begin, behind its quote. */
function valueStart(body: Buffer): number | undefined {
  for (let at = body.indexOf(NAME); at >= 0; at = body.indexOf(NAME, at + 1)) {
    // an escaped quote: the end of some longer name or value, not a name
    if (body[at - 1] === BACKSLASH) continue;
    const colon = skipSpace(body, at + NAME.length);
    if (body[colon] !== COLON) continue;
    const quote = skipSpace(body, colon + 1);
    if (body[quote] === QUOTE) return quote + 1;
  }
  return undefined;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (WHITE_SPACE.has(body[at])) at += 1;
  return at;
}

/** Undoes JSON's escapes in place (`\/` and `\u003d` are what serializers make of base64); returns the new end. */
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
        code = body[from] === SLASH ? SLASH : undefined;
      }
    }
    body[to] = code !== undefined && code < 0x80 ? code : 0;
    to += 1;
  }
  return to;
}

/** Base64 without a string in between. */
function decode(body: Buffer, start: number, end: number): Buffer {
  const length = end - start;
  const padding = length === 0 ? 0 : Number(body[end - 1] === PADDING) + Number(body[end - 2] === PADDING);
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.floor((length * 3) / 4) - padding));
  let [bits, value, to] = [0, 0, 0];
  for (let from = start; from < end - padding; from += 1) {
    const sextet = SEXTETS.get(body[from] ?? 0);
    if (sextet === undefined || length % 4 !== 0) {
      wipe(bytes);
      throw new VaultError(
        'KeyUnreachable',
        'expected base64 as the plaintext in the answer of kms, got something else',
      );
    }
    value = ((value << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[to] = value >> bits;
      to += 1;
    }
  }
  return bytes;
}
