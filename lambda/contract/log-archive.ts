import * as v from 'valibot';
import { type ObjectOfBucket, digestOf } from './bucket-object';
import { VaultError } from './errors';
import { LOG_ARCHIVE_PREFIX } from './log-archive-prefix';
import { ENVIRONMENT_PATTERN } from './patterns';
import { type AccessLogEntry, LOG_LINE } from './responses';
import { type Described, matching } from './schema';
import type { WalletKey } from './wallet';

/**
 * The archive of a partition of the access log, in a folder of the bucket:
 *
 * - `rows/NUMBER-ROWS-BITS-SHA256.ndjson.gz`: objects of rows, numbered from 1. Each is gzip (one or more members) of JSON
 *   lines. A wallet's rows are together and ascending, across objects too. BITS is the exclusive or of the first 8 bytes of
 *   their hashes: the database compares it with that of its rows.
 * - `manifest.json`: `LOG_MANIFEST`, put after all rows.
 */

const whole = v.pipe(v.number('a number'), v.safeInteger('a whole number'), v.minValue(0, '0 or more'));
const time = matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'a time in UTC with milliseconds');

const OBJECT = v.strictObject({
  /** within the archive's folder */
  name: matching(/^rows\/\d{6}-\d{1,9}-[0-9a-f]{16}-[0-9a-f]{64}\.ndjson\.gz$/, 'the name of an object of rows'),
  /** of the object's bytes, hex */
  sha256: matching(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  bytes: whole,
  rows: whole,
});
/** An object of rows. */
export type ArchivedObject = Described<typeof OBJECT>;

/** The manifest of an archive. It lists every object of rows in order. */
export const LOG_MANIFEST = v.strictObject({
  format: v.literal(1, '1'),
  environment: matching(ENVIRONMENT_PATTERN, 'the name of an environment'),
  /** rows have this time or a later one; null: any */
  from: v.nullable(time),
  /** rows have an earlier time than this */
  until: time,
  rows: whole,
  objects: v.array(OBJECT, 'a list of objects'),
});
export type LogManifest = Described<typeof LOG_MANIFEST>;

/** The times of a partition of the access log. */
export interface ArchivedTimes {
  /** null: from the first row of all that was not archived before */
  readonly from: Date | null;
  readonly until: Date;
}

/** A row of the access log with its wallet. */
export interface ArchivedRow {
  readonly wallet: WalletKey;
  readonly entry: AccessLogEntry;
}

export const MANIFEST_NAME = 'manifest.json';
/** An object of rows ends with the page that reaches one of these. */
export const ARCHIVED_OBJECT = { rows: 50_000, bytes: 16 * 1_048_576 } as const;
const ROWS_NAME = /^rows\/(\d{6})-(\d{1,9})-([0-9a-f]{16})-([0-9a-f]{64})\.ndjson\.gz$/;

/** Returns the folder of an archive, such as `access-log/2026-01/`: by the last month that its partition holds. */
export function archiveFolder({ until }: Pick<ArchivedTimes, 'until'>): string {
  return `${LOG_ARCHIVE_PREFIX}${new Date(until.getTime() - 1).toISOString().slice(0, 7)}/`;
}

/** The facts that the name of an object of rows has. */
export interface RowsName {
  /** from 1 */
  readonly number: number;
  readonly rows: number;
  readonly bits: string;
  readonly sha256: string;
}

/** Returns an object of rows. */
export function rowsObject(
  folder: string,
  { number, rows, bits }: Omit<RowsName, 'sha256'>,
  bytes: Buffer,
): ObjectOfBucket {
  const name = `rows/${String(number).padStart(6, '0')}-${rows}-${bits}-${digestOf(bytes)}.ndjson.gz`;
  return { key: `${folder}${name}`, bytes };
}

/** Reads the name of an object of rows; undefined for any other text. */
export function readRowsName(name: string): RowsName | undefined {
  const [, number, rows, bits, sha256] = ROWS_NAME.exec(name) ?? [];
  if (number === undefined || rows === undefined || bits === undefined || sha256 === undefined) return undefined;
  return { number: Number(number), rows: Number(rows), bits, sha256 };
}

/** Bits of no rows. */
export const NO_BITS = '0'.repeat(16);

export const rowBits = ({ entry }: ArchivedRow): string => entry.hash.slice(0, 16);

/** Returns the exclusive or of 8 bytes each, in hex. */
export function addBits(all: readonly string[]): string {
  const sum = Buffer.alloc(8);
  for (const bits of all) for (const [at, byte] of Buffer.from(bits, 'hex').entries()) sum[at] = (sum[at] ?? 0) ^ byte;
  return sum.toString('hex');
}

/** Returns a row as a line of JSON, with the end of the line. */
export function archivedLine({ wallet: { walletId, chain }, entry }: ArchivedRow): string {
  return `${JSON.stringify({ walletId, chain, ...entry })}\n`;
}

/** Reads a line of an object of rows. Throws `InternalError` for any other text. */
export function readArchivedLine(line: string): ArchivedRow {
  const read = v.safeParse(LOG_LINE, parse(line));
  if (!read.success)
    throw new VaultError('InternalError', 'expected a row of an access log as JSON, got something else');
  const { walletId, chain, ...entry } = read.output;
  return { wallet: { walletId, chain }, entry };
}

/** Returns the manifest's object: equal archives have equal bytes. */
export function manifestObject(
  folder: string,
  { environment, from, until, objects }: ArchivedTimes & Pick<LogManifest, 'environment' | 'objects'>,
): ObjectOfBucket {
  const manifest: LogManifest = {
    ...{ format: 1, environment, from: from?.toISOString() ?? null, until: until.toISOString() },
    rows: objects.reduce((sum, { rows }) => sum + rows, 0),
    objects: objects.map(({ name, sha256, bytes, rows }) => ({ name, sha256, bytes, rows })),
  };
  return { key: `${folder}${MANIFEST_NAME}`, bytes: Buffer.from(`${JSON.stringify(manifest)}\n`, 'utf8') };
}

/**
 * Reads a manifest. Returns the expectation as a text if it is none. Its list has to be complete and in order:
 * numbers from 1, digests and rows as in the names, and their sum.
 */
export function readManifest(text: string): LogManifest | string {
  const read = v.safeParse(LOG_MANIFEST, parse(text));
  if (!read.success) return 'expected the manifest of an archive';
  const { objects, rows } = read.output;
  const fits = objects.every((object, at) => {
    const name = readRowsName(object.name);
    return name?.number === at + 1 && name.rows === object.rows && name.sha256 === object.sha256;
  });
  if (!fits) return 'expected objects that are numbered from 1 and named by their rows and digests';
  if (objects.reduce((sum, object) => sum + object.rows, 0) !== rows)
    return 'expected the sum of the rows of all objects';
  return read.output;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
