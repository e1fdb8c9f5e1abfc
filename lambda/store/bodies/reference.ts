import { createHash } from 'node:crypto';
import { VaultError } from '../../contract/errors';

/**
 * A reference stands in a column in place of a message's body: what the body is, and in which version of the record's
 * entry. No frame begins with the marker, so a reader that knows no references refuses the column as a message. The
 * trailer lets the database recognise such a column by its end (migrations/0025-bodies.sql.ts).
 *
 * marker (1) ‖ SHA-256 of the body (32) ‖ length of the body (4) ‖ version (1 to 64 ASCII) ‖ length of the version (1) ‖ trailer
 */
const MARKER = 0xb0;
const HASH_BYTES = 32;
const BEFORE_VERSION = 1 + HASH_BYTES + 4;
const VERSION = /^[!-~]{1,64}$/;
/** Ends with the number of the layout above. */
export const TRAILER = Buffer.from('share-vault body 1', 'latin1');

export interface BodyReference {
  /** SHA-256 of the body */
  readonly sha256: Uint8Array;
  /** of the body, in bytes */
  readonly length: number;
  /** of the store's entry */
  readonly version: string;
}

/** Returns the reference to a body that the store has in this version. */
export function referenceTo(body: Uint8Array, version: string): Buffer {
  if (!VERSION.test(version)) {
    throw new VaultError('InternalError', 'expected a version of 1 to 64 characters from the body store, got another');
  }
  const before = Buffer.alloc(BEFORE_VERSION);
  before.writeUInt8(MARKER);
  sha256(body).copy(before, 1);
  before.writeUInt32BE(body.length, 1 + HASH_BYTES);
  return Buffer.concat([before, Buffer.from(version, 'latin1'), Buffer.of(version.length), TRAILER]);
}

/** Splits a column's bytes; `undefined` if they end with no reference. Throws `MessageCorrupt` for a malformed one. */
export function splitReference(
  column: Uint8Array,
): { readonly head: Uint8Array; readonly reference: BodyReference } | undefined {
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.length);
  const end = bytes.length - TRAILER.length;
  if (end < 0 || !bytes.subarray(end).equals(TRAILER)) return undefined;
  const versionStart = end - 1 - (bytes[end - 1] ?? 0);
  const start = versionStart - BEFORE_VERSION;
  const version = bytes.toString('latin1', Math.max(versionStart, 0), Math.max(end - 1, 0));
  if (bytes[start] !== MARKER || !VERSION.test(version)) {
    throw new VaultError('MessageCorrupt', "expected a reference to the record's body, got something else");
  }
  const hash = bytes.subarray(start + 1, start + 1 + HASH_BYTES);
  const length = bytes.readUInt32BE(start + 1 + HASH_BYTES);
  return { head: bytes.subarray(0, start), reference: { sha256: hash, length, version } };
}

/** Whether a body is the one that the reference names. */
export function fits(body: Uint8Array, reference: BodyReference): boolean {
  return body.length === reference.length && sha256(body).equals(reference.sha256);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
