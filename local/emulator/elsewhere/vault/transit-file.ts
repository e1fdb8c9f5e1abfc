import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { privateFolder, writePrivately } from '../../services/files';
import type { TransitKey } from './transit-key';

const KEYS = v.array(
  v.strictObject({
    name: v.string(),
    versions: v.array(v.pipe(v.string(), v.base64())),
    minDecryptionVersion: v.number(),
    deletionAllowed: v.boolean(),
  }),
);

/** The keys of one transit engine in a file, so that records sealed with them open after a restart. */
export class TransitFile {
  constructor(private readonly path: string) {}

  /** Returns no keys if there is no file. Throws if the file is incomplete: unreadable keys are never replaced by new ones. */
  read(): readonly TransitKey[] {
    if (!existsSync(this.path)) return [];
    const read = v.safeParse(KEYS, parse(readFileSync(this.path, 'utf8')));
    if (read.success) return read.output;
    throw new Error(`expected keys of a transit engine in ${this.path}, got something else`);
  }

  write(keys: readonly TransitKey[]): void {
    privateFolder(dirname(this.path));
    writePrivately(this.path, Buffer.from(JSON.stringify(keys)));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
