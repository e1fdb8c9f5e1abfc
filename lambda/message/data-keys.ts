import { type ByteReader, ByteWriter } from './bytes';
import { corrupt } from './errors';
import { MAX_DATA_KEYS, MAX_WRAPPED_KEY_BYTES } from '../contract/limits';
import type { WrappedDataKey } from './format';
import { encodeUtf8 } from './text';

const MAX_FIELD_BYTES = 0xffff;

/**
 * Returns a header's data keys: their count, then the provider's id, its info and the wrapped key of each, with a 2-byte
 * length before each. Throws `RangeError` beyond these limits, `TypeError` if an id has no UTF-8.
 */
export function encodeDataKeys(dataKeys: readonly WrappedDataKey[]): Buffer {
  if (dataKeys.length < 1 || dataKeys.length > MAX_DATA_KEYS) {
    throw new RangeError(`expected 1 to ${MAX_DATA_KEYS} data keys, got ${dataKeys.length}`);
  }
  const fields = dataKeys.flatMap(encodeDataKey);
  const length = fields.reduce((sum, field) => sum + 2 + field.length, 2);
  const writer = new ByteWriter(Buffer.allocUnsafe(length)).uint16(dataKeys.length);
  for (const field of fields) writer.put16(field);
  return writer.written;
}

function encodeDataKey({ providerId, providerInfo, ciphertext }: WrappedDataKey): readonly Uint8Array[] {
  const id = encodeUtf8(providerId, 'provider id');
  requireMost('provider id', id, MAX_FIELD_BYTES);
  requireMost('provider info', providerInfo, MAX_FIELD_BYTES);
  requireMost('wrapped data key', ciphertext, MAX_WRAPPED_KEY_BYTES);
  return [id, providerInfo, ciphertext];
}

function requireMost(what: string, bytes: Uint8Array, max: number): void {
  if (bytes.length > max) throw new RangeError(`expected a ${what} of at most ${max} bytes, got ${bytes.length}`);
}

/** Throws `MessageCorrupt`. */
export function readDataKeys(reader: ByteReader): readonly WrappedDataKey[] {
  const count = reader.uint16('count of data keys');
  if (count < 1 || count > MAX_DATA_KEYS) throw corrupt(`expected 1 to ${MAX_DATA_KEYS} data keys, got ${count}`);
  const dataKeys: WrappedDataKey[] = [];
  for (let i = 0; i < count; i += 1) {
    const providerId = reader.text16('provider id');
    const providerInfo = reader.take16('provider info');
    dataKeys.push({ providerId, providerInfo, ciphertext: reader.take16('wrapped data key', MAX_WRAPPED_KEY_BYTES) });
  }
  return dataKeys;
}
