import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import {
  type ArchivedObject,
  type ArchivedRow,
  type LogManifest,
  MANIFEST_NAME,
  readArchivedLine,
  readManifest,
} from '../../../lambda/contract/log-archive';
import { readInChunks, readShortFile } from '../bounded';
import { CommandFailure } from '../command';
import { nameOf } from '../error-facts';
import { splitLines } from '../lines';

/** A manifest has some 250 bytes for each 16 MiB of rows. */
const MANIFEST_BYTES = 64 * 1_048_576;

/** A month of the access log that was archived, in a folder with the layout of the bucket's. */
export interface ArchivedMonth {
  readonly folder: string;
  readonly manifest: LogManifest;
  /** of the manifest, hex: the database notes it too */
  readonly sha256: string;
}

/** Reads a folder's manifest. Throws `CommandFailure` if it is none. */
export async function readMonth(folder: string): Promise<ArchivedMonth> {
  const text = await readShortFile(join(folder, MANIFEST_NAME), MANIFEST_BYTES).catch((error: unknown) => {
    throw new CommandFailure(`${folder}: expected a folder with ${MANIFEST_NAME}, got ${nameOf(error)}`, {
      cause: error,
    });
  });
  const manifest = readManifest(text ?? '');
  if (typeof manifest === 'string')
    throw new CommandFailure(`${folder}/${MANIFEST_NAME}: ${manifest}, got something else`);
  return {
    folder,
    manifest,
    sha256: createHash('sha256')
      .update(text ?? '')
      .digest('hex'),
  };
}

/** Returns the difference between an object's file and the manifest, as a text; undefined if there is none. */
export async function problemOfObject({ folder }: ArchivedMonth, object: ArchivedObject): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    await pipeline(readInChunks(join(folder, object.name)), digest);
  } catch (error) {
    return `${folder}/${object.name}: expected a file that can be read, got ${nameOf(error)}`;
  }
  if (digest.digest('hex') === object.sha256) return undefined;
  return `${folder}/${object.name}: expected the digest of the manifest, got another`;
}

/** Returns the rows of a month after its objects were compared with the manifest. Throws `CommandFailure` for other rows. */
export async function* rowsOfMonth({ folder, manifest }: ArchivedMonth): AsyncGenerator<ArchivedRow, void, undefined> {
  for (const { name, rows } of manifest.objects) {
    const source = readInChunks(join(folder, name));
    let count = 0;
    try {
      for await (const line of splitLines(source.pipe(createGunzip()))) {
        count += 1;
        yield readArchivedLine(line);
      }
    } catch (error) {
      throw new CommandFailure(`${folder}/${name}: expected rows of an access log, got ${nameOf(error)}`, {
        cause: error,
      });
    } finally {
      source.destroy();
    }
    if (count !== rows) throw new CommandFailure(`${folder}/${name}: expected ${rows} rows, got ${count}`);
  }
}
