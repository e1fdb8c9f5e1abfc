import { ByteReader, ByteWriter } from './bytes';
import { corrupt, MessageError } from './errors';
import { type EncryptionContext, MAX_CONTEXT_BYTES, type ParsedMessage, RESERVED_PREFIX } from './format';
import { encodeUtf8, TextReader } from './text';

/**
 * Returns the context in the form of a header: its count of pairs, then each name and value with a 2-byte length before it,
 * sorted by the names' bytes. The empty context is zero bytes. Throws `RangeError` if it is longer than
 * `MAX_CONTEXT_BYTES` or a name is reserved, `TypeError` if a text has no UTF-8.
 */
export function encodeContext(context: EncryptionContext): Buffer {
  if (context.size === 0) return Buffer.alloc(0);
  const pairs: Pair[] = [];
  let length = 2;
  for (const [name, value] of context) {
    const pair = encodePair(name, value);
    length += 4 + pair.name.length + pair.value.length;
    pairs.push(pair);
  }
  if (length > MAX_CONTEXT_BYTES) {
    throw new RangeError(`expected a context of at most ${MAX_CONTEXT_BYTES} bytes, got ${length}`);
  }
  pairs.sort((a, b) => a.name.compare(b.name));
  const writer = new ByteWriter(Buffer.allocUnsafe(length)).uint16(pairs.length);
  for (const { name, value } of pairs) writer.put16(name).put16(value);
  return writer.written;
}

interface Pair {
  readonly name: Buffer;
  readonly value: Buffer;
}

function encodePair(name: string, value: string): Pair {
  if (name.startsWith(RESERVED_PREFIX)) {
    throw new RangeError(`expected context names without the prefix ${RESERVED_PREFIX}, got one with it`);
  }
  return { name: encodeUtf8(name, 'context'), value: encodeUtf8(value, 'context') };
}

/** Any order of names is read: the header's tag vouches for it. Throws `MessageCorrupt`. */
export function decodeContext(bytes: Buffer): EncryptionContext {
  const context = new Map<string, string>();
  if (bytes.length === 0) return context;
  const reader = new ByteReader(bytes);
  const texts = new TextReader(bytes);
  const count = reader.uint16('count of context pairs');
  if (count === 0) throw corrupt('expected no bytes of an empty context, got a count of 0');
  for (let i = 0; i < count; i++) {
    const name = readText(reader, texts, 'context name');
    const value = readText(reader, texts, 'context value');
    if (name.startsWith(RESERVED_PREFIX)) throw corrupt('expected no reserved context names, got one');
    if (context.has(name)) throw corrupt('expected each context name once, got one twice');
    context.set(name, value);
  }
  if (reader.left > 0) throw corrupt(`expected the end of the context, got ${reader.left} more bytes`);
  return context;
}

/** A 2-byte length, then as many bytes of text. */
function readText(reader: ByteReader, texts: TextReader, what: string): string {
  const length = reader.uint16(what);
  const start = reader.skip(length, what);
  return texts.slice(start, start + length, what);
}

/**
 * Throws `ContextMismatch` unless the message claims to be bound to exactly the expected pairs. The check avoids useless
 * calls to KMS; only `openMessage` proves the claim.
 */
export function requireContext(message: Pick<ParsedMessage, 'context'>, expected: EncryptionContext): void {
  const { context } = message;
  let same = context.size === expected.size;
  for (const [name, value] of expected) same &&= context.get(name) === value;
  if (!same) throw new MessageError('ContextMismatch', 'expected a message bound to the given context, got another');
}
