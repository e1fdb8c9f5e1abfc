import * as v from 'valibot';
import { type Key, RSA_SPECS, SYMMETRIC } from './key';

const TIME = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => new Date(text)),
);
const BYTES = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => Buffer.from(text, 'base64')),
);

/** A key's file: JSON with times in ISO 8601 and unencrypted key material in base64. These are development keys. */
const KEY_FILE = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  arn: v.string(),
  spec: v.picklist([SYMMETRIC, ...RSA_SPECS]),
  origin: v.picklist(['AWS_KMS', 'EXTERNAL']),
  description: v.string(),
  createdAt: TIME,
  enabled: v.boolean(),
  deletionAt: v.optional(TIME),
  materials: v.array(
    v.strictObject({ createdAt: TIME, bytes: BYTES, rotated: v.optional(v.picklist(['AUTOMATIC', 'ON_DEMAND'])) }),
  ),
  materialExpiresAt: v.optional(TIME),
  rotation: v.optional(v.strictObject({ periodInDays: v.number(), nextAt: TIME })),
  rotationsOnDemand: v.number(),
});

export function encodeKey(key: Key): Buffer {
  const materials = key.materials.map((each) => ({ ...each, bytes: each.bytes.toString('base64') }));
  return Buffer.from(JSON.stringify({ ...key, materials }));
}

/** Reads a key. Throws if the file is incomplete: an unreadable key is never replaced by a new one. */
export function decodeKey(file: string, content: Buffer): Key {
  const read = v.safeParse(KEY_FILE, parse(content));
  if (!read.success) {
    throw new Error(`expected a key in ${file}, got something else (${v.getDotPath(read.issues[0]) ?? 'no object'})`);
  }
  return read.output;
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}
