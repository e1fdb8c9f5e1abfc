import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { privateFolder, writePrivately } from '../../services/files';
import { type Key, OPERATIONS, RSA_BITS } from './key';

const DATE = v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text))); // prettier-ignore
const BYTES = v.pipe(v.string(), v.base64(), v.transform((text) => Buffer.from(text, 'base64'))); // prettier-ignore
const KEYS = v.array(
  v.strictObject({
    name: v.string(),
    spec: v.variant('kty', [
      v.strictObject({ kty: v.picklist(['RSA', 'RSA-HSM']), bits: v.picklist(RSA_BITS) }),
      v.strictObject({ kty: v.literal('oct-HSM') }),
    ]),
    operations: v.array(v.picklist(OPERATIONS)),
    versions: v.array(v.strictObject({ version: v.string(), createdAt: DATE, material: BYTES, enabled: v.boolean() })),
    deletedAt: v.optional(DATE),
  }),
);

/** The keys of one vault in a file, so that records sealed with them open after a restart. */
export class KeyFile {
  constructor(readonly path: string) {}

  read(): readonly Key[] {
    if (!existsSync(this.path)) return [];
    const read = v.safeParse(KEYS, JSON.parse(readFileSync(this.path, 'utf8')));
    if (!read.success) throw new Error(`expected keys in ${this.path}, got something else`);
    return read.output;
  }

  write(keys: readonly Key[]): void {
    const stored = keys.map((key) => ({
      ...key,
      versions: key.versions.map((version) => ({ ...version, material: version.material.toString('base64') })),
    }));
    privateFolder(dirname(this.path));
    writePrivately(this.path, Buffer.from(JSON.stringify(stored)));
  }
}
