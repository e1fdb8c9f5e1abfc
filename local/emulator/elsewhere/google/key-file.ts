import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { privateFolder, writePrivately } from '../../services/files';
import { type CryptoKey, VERSION_STATES } from './crypto-key';

const DATE = v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text))); // prettier-ignore
const BYTES = v.pipe(v.string(), v.base64(), v.transform((text) => Buffer.from(text, 'base64'))); // prettier-ignore
const KEYS = v.array(
  v.strictObject({
    name: v.string(),
    versions: v.array(
      v.strictObject({
        number: v.number(),
        createdAt: DATE,
        state: v.picklist(VERSION_STATES),
        material: BYTES,
      }),
    ),
  }),
);

/** The keys in a file of JSON, so that records sealed with them open after a restart. These are development keys. */
export class KeyFile {
  constructor(readonly path: string) {}

  /** Throws if the file is incomplete: an unreadable key is never replaced by a new one. */
  read(): readonly CryptoKey[] {
    if (!existsSync(this.path)) return [];
    const read = v.safeParse(KEYS, JSON.parse(readFileSync(this.path, 'utf8')));
    if (!read.success) throw new Error(`expected keys in ${this.path}, got something else`);
    return read.output;
  }

  write(keys: readonly CryptoKey[]): void {
    const stored = keys.map(({ name, versions }) => ({
      name,
      versions: versions.map((version) => ({ ...version, material: version.material.toString('base64') })),
    }));
    privateFolder(dirname(this.path));
    writePrivately(this.path, Buffer.from(JSON.stringify(stored)));
  }
}
