import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { privateFolder, writePrivately } from '../services/files';

/** A service's entries in a file of JSON, so that they survive a restart. Only its owner may read the file. */
export class StateFile<S extends v.GenericSchema> {
  constructor(
    private readonly path: string,
    private readonly schema: S,
  ) {}

  /** Returns `undefined` if there is no file. Throws if it is incomplete: unreadable entries are never replaced. */
  read(): v.InferOutput<S> | undefined {
    if (!existsSync(this.path)) return undefined;
    const read = v.safeParse(this.schema, parse(readFileSync(this.path, 'utf8')));
    if (read.success) return read.output;
    throw new Error(`expected entries in ${this.path}, got something else`);
  }

  write(state: v.InferInput<S>): void {
    privateFolder(dirname(this.path));
    writePrivately(this.path, Buffer.from(JSON.stringify(state)));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
