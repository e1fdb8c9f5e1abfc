import { gunzipSync } from 'node:zlib';
import { digestOf } from '../contract/bucket-object';
import { VaultError } from '../contract/errors';
import {
  ARCHIVED_OBJECT,
  type ArchivedObject,
  type ArchivedRow,
  NO_BITS,
  addBits,
  archiveFolder,
  manifestObject,
  readArchivedLine,
  readRowsName,
  rowsObject,
} from '../contract/log-archive';
import { LOG_ARCHIVE_PREFIX } from '../contract/log-archive-prefix';
import type { Deadline } from '../invocation/deadline';
import type { ObjectVersion, S3Bucket } from '../remote/s3';
import { ArchivedRows } from './archived-rows';
import type { LogPartition, LogPartitions } from './old-log-partitions';

/** Rows that are read at once: an object is some pages, and its memory grows by one of them at most. */
const ARCHIVE_PAGE_ROWS = 5_000;
/** Rows whose bases are kept in one transaction: some seconds. */
const BASES_ROWS = 50_000;
/** Milliseconds that a page of rows, an object or a page of bases may take on a slow day: with less time none is begun. */
const MIN_PAGE_MS = 10_000;
/** An object has 16 MiB and a page before it is compressed; more is not read. */
const MAX_OBJECT_BYTES = 2 * ARCHIVED_OBJECT.bytes;
const GZIP = 'application/gzip';

/** The part of a bucket that an archive needs. */
export type ArchiveBucket = Pick<S3Bucket, 'putOnce' | 'listOldest' | 'get'>;

export interface LogArchive {
  readonly environment: string;
  readonly bucket: ArchiveBucket;
  readonly partitions: LogPartitions;
  /** @default - 5,000 rows a page, 50,000 rows or 16 MiB an object */
  readonly sizes?: { readonly page: number; readonly rows: number; readonly bytes: number };
}

/**
 * Archives a partition of the access log: its rows, then the manifest, and only then drops it from the database. Rows that
 * the bucket has are not read again: a call goes on from the end of the one before, also if that was killed. Every object is confirmed
 * by S3's checksum or read back. Returns whether it is done; a call that runs out of time is not. Throws `VaultError`:
 * `Conflict` if the bucket has another object of a name, or objects with a gap, or if the database refuses to drop.
 * Two calls at the same time would disturb each other: the caller prevents it.
 */
export async function archivePartition(
  archive: LogArchive,
  partition: LogPartition,
  deadline: Deadline,
): Promise<boolean> {
  const folder = archiveFolder(partition);
  const stored = await listRows(archive, folder, deadline);
  const after = await lastRowOf(archive, stored.at(-1), deadline);
  const added = await putRows(archive, { folder, partition, after, number: stored.length + 1 }, deadline);
  if (added === undefined) return false;
  const objects = [...stored.map(({ object }) => object), ...added];
  const { environment } = archive;
  const manifest = manifestObject(folder, { environment, ...partition, objects });
  await putConfirmed(archive, manifest, 'application/json', deadline);
  const rows = objects.reduce((sum, each) => sum + each.rows, 0);
  do {
    if (deadline.remainingMs() < MIN_PAGE_MS) return false;
  } while (!(await archive.partitions.keepBases(partition.name, BASES_ROWS)));
  const bits = addBits(objects.map(({ name }) => readRowsName(name)?.bits ?? NO_BITS));
  const finished = { key: manifest.key, sha256: digestOf(manifest.bytes), rows, bits };
  await archive.partitions.finish(partition.name, finished);
  return true;
}

interface Stored {
  readonly object: ArchivedObject;
  readonly version: ObjectVersion;
}

/** Returns the objects of rows that the bucket has of a partition. Throws `Conflict` unless they are numbered from 1. */
async function listRows({ bucket }: LogArchive, folder: string, { signal }: Deadline): Promise<readonly Stored[]> {
  const all: Stored[] = [];
  for (let after: string | undefined = `${folder}rows/`; after !== undefined;) {
    const { objects, next } = await bucket.listOldest(LOG_ARCHIVE_PREFIX, after, signal);
    const own = objects.filter(({ key }) => key.startsWith(`${folder}rows/`));
    for (const version of own) all.push({ object: objectOf(version, folder, all.length + 1), version });
    after = own.length === objects.length ? next : undefined;
  }
  return all;
}

function objectOf({ key, size }: ObjectVersion, folder: string, number: number): ArchivedObject {
  const name = key.slice(folder.length);
  const read = readRowsName(name);
  if (read?.number !== number) throw conflict(`expected object ${number} of rows next, got another`);
  return { name, sha256: read.sha256, bytes: size, rows: read.rows };
}

/** Reads an object back, and returns its last row. */
async function lastRowOf(
  { bucket }: LogArchive,
  stored: Stored | undefined,
  { signal }: Deadline,
): Promise<ArchivedRow | undefined> {
  if (stored === undefined) return undefined;
  const bytes = await bucket.get(stored.version, signal, MAX_OBJECT_BYTES);
  if (digestOf(bytes) !== stored.object.sha256)
    throw conflict('expected an object with the digest of its name, got another');
  const lines = gunzipSync(bytes, { maxOutputLength: MAX_OBJECT_BYTES }).toString('utf8').trimEnd();
  return readArchivedLine(lines.slice(lines.lastIndexOf('\n') + 1));
}

interface Place {
  readonly folder: string;
  readonly partition: LogPartition;
  readonly after: ArchivedRow | undefined;
  /** of the next object */
  readonly number: number;
}

/** Puts the rows behind a place. Returns their objects, undefined if the time is up: rows that are not put are read again. */
async function putRows(
  archive: LogArchive,
  { folder, partition, after: first, number }: Place,
  deadline: Deadline,
): Promise<readonly ArchivedObject[] | undefined> {
  const { page, rows, bytes } = archive.sizes ?? { page: ARCHIVE_PAGE_ROWS, ...ARCHIVED_OBJECT };
  const objects: ArchivedObject[] = [];
  let after = first;
  let part = new ArchivedRows();
  for (;;) {
    if (deadline.remainingMs() < MIN_PAGE_MS) return undefined;
    const read = await archive.partitions.read(partition.name, after, page);
    part.add(read);
    after = read.at(-1) ?? after;
    const ended = read.length < page;
    if (part.rows > 0 && (ended || part.rows >= rows || part.bytes >= bytes)) {
      objects.push(await putPart(archive, folder, number + objects.length, part, deadline));
      part = new ArchivedRows();
    }
    if (ended) return objects;
  }
}

async function putPart(
  archive: LogArchive,
  folder: string,
  number: number,
  part: ArchivedRows,
  deadline: Deadline,
): Promise<ArchivedObject> {
  const object = rowsObject(folder, { number, rows: part.rows, bits: part.bits }, part.compressed());
  await putConfirmed(archive, object, GZIP, deadline);
  const { bytes } = object;
  return { name: object.key.slice(folder.length), sha256: digestOf(bytes), bytes: bytes.length, rows: part.rows };
}

/** Puts an object. S3 confirms its checksum; if one of that name exists, it is read back and has to be equal. */
async function putConfirmed(
  { bucket }: LogArchive,
  { key, bytes }: { readonly key: string; readonly bytes: Buffer },
  contentType: string,
  { signal }: Deadline,
): Promise<void> {
  if (await bucket.putOnce(key, bytes, signal, contentType)) return;
  const { objects } = await bucket.listOldest(LOG_ARCHIVE_PREFIX, key.slice(0, -1), signal);
  const version = objects.find((each) => each.key === key);
  const stored = version && (await bucket.get(version, signal, Math.max(MAX_OBJECT_BYTES, bytes.length)));
  if (stored?.equals(bytes) !== true) throw conflict('expected the object of a name to be the same, got another');
}

function conflict(message: string): VaultError {
  return new VaultError('Conflict', `archive of the access log: ${message}`);
}
