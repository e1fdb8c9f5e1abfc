import { KINDS, MATERIALS, type MaterialName, type Kind } from '../../contract/kinds';
import { VaultError } from '../../contract/errors';
import { parseMessage } from '../../message';
import type { SealedMaterials } from '../store';
import { type BodyReference, fits, referenceTo, splitReference } from './reference';

/**
 * Cuts the messages of a record after their headers' tags. PostgreSQL keeps the heads, with the wrapped data keys; the
 * body store keeps the frames of all materials in one entry. Head and frames together are the message again.
 */

/** The messages of one record, cut. */
export interface CutRecord {
  /** one entry: the frames of each material in the order of `MATERIALS`, all but the last behind their length (4 bytes) */
  readonly body: Buffer;
  /** Returns the columns, once the version of the entry is known. */
  readonly columns: (version: string) => SealedMaterials;
}

/** The columns of a record whose body is elsewhere, split. */
export interface SplitRecord {
  /** of the entry */
  readonly version: string;
  /** of all materials' frames together, in bytes */
  readonly length: number;
  /** Returns the messages. Throws `MessageCorrupt` if the entry is not the one that the columns name. */
  readonly join: (body: Buffer) => SealedMaterials;
}

const LENGTH_BYTES = 4;

/** Throws `MessageError` if the material is no message. */
export function cutRecord(kind: Kind, sealed: SealedMaterials): CutRecord {
  const parts = MATERIALS[kind].map((name) => ({ name, ...cutMessage(sealed[name] ?? Buffer.alloc(0)) }));
  return {
    body: Buffer.concat(
      parts.flatMap(({ frames }, i) => (i < parts.length - 1 ? [lengthOf(frames), frames] : [frames])),
    ),
    columns: (version) =>
      Object.fromEntries(
        parts.map(({ name, head, frames }) => [name, Buffer.concat([head, referenceTo(frames, version)])]),
      ),
  };
}

function cutMessage(message: Uint8Array): { readonly head: Uint8Array; readonly frames: Uint8Array } {
  const { body } = parseMessage(message);
  return { head: message.subarray(0, message.length - body.length), frames: body };
}

function lengthOf(frames: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(frames.length);
  return length;
}

/** Returns `undefined` if the columns are whole messages. Throws `MessageCorrupt` if only some of them are. */
export function splitRecord(sealed: SealedMaterials): SplitRecord | undefined {
  const names: readonly MaterialName[] = KINDS.flatMap((kind) => [...MATERIALS[kind]]).filter((name) => sealed[name]);
  const parts = names.flatMap((name) => {
    const split = splitReference(sealed[name] ?? Buffer.alloc(0));
    return split === undefined ? [] : [{ name, ...split }];
  });
  const [first] = parts;
  if (first === undefined) return undefined;
  const { version } = first.reference;
  if (parts.length !== names.length || parts.some(({ reference }) => reference.version !== version)) {
    throw new VaultError('MessageCorrupt', 'expected one entry with the bodies of all materials, got several or parts');
  }
  return {
    version,
    length: parts.reduce((sum, { reference }) => sum + reference.length, 0),
    join: (body) => {
      const frames = readEntry(
        body,
        parts.map(({ reference }) => reference),
      );
      return Object.fromEntries(parts.map(({ name, head }, i) => [name, Buffer.concat([head, frames[i] ?? head])]));
    },
  };
}

/** Returns the frames of each material. */
function readEntry(body: Buffer, references: readonly BodyReference[]): readonly Buffer[] {
  const last = references.length - 1;
  let offset = 0;
  return references.map((reference, i) => {
    if (i < last) offset = skipLength(body, offset, reference.length);
    const frames = i < last ? body.subarray(offset, offset + reference.length) : body.subarray(offset);
    offset += frames.length;
    return fits(frames, reference) ? frames : refuse();
  });
}

function skipLength(body: Buffer, offset: number, expected: number): number {
  const found = offset + LENGTH_BYTES <= body.length && body.readUInt32BE(offset) === expected;
  return found ? offset + LENGTH_BYTES : refuse();
}

function refuse(): never {
  throw new VaultError('MessageCorrupt', 'expected the body that the record names, got another');
}
