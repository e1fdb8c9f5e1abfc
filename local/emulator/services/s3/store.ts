import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { privateFolder, writePrivately } from '../files';
import { type Bucket, type Retention, type Version, LOCK_MODES } from './bucket';
import { s3Errors } from './s3-error';

const FILE = v.object({
  key: v.string(),
  number: v.number(),
  id: v.string(),
  at: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  ),
  content: v.optional(
    v.object({
      bytes: v.pipe(
        v.string(),
        v.transform((text) => Buffer.from(text, 'base64')),
      ),
      contentType: v.string(),
      etag: v.string(),
      checksums: v.record(v.string(), v.string()),
    }),
  ),
  retention: v.optional(
    v.object({
      mode: v.picklist(LOCK_MODES),
      until: v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
    }),
  ),
});

/** The versions of one bucket's objects: one file each, in a folder that only its owner may enter. */
export class BucketStore {
  readonly bucket: Bucket;
  readonly #dir: string;
  readonly #now: () => Date;
  /** oldest first */
  readonly #versions: Version[];

  constructor(bucket: Bucket, dir: string, now: () => Date) {
    this.bucket = bucket;
    this.#dir = join(dir, bucket.name);
    this.#now = now;
    privateFolder(this.#dir);
    const files = readdirSync(this.#dir).filter((name) => name.endsWith('.json'));
    this.#versions = files.sort().map((name) => v.parse(FILE, JSON.parse(readFileSync(join(this.#dir, name), 'utf8'))));
  }

  /** Returns the latest version of each key that is no delete marker, by its key. */
  list(): readonly Version[] {
    const latest = new Map(this.#versions.map((version) => [version.key, version]));
    const found = [...latest.values()].filter(({ content }) => content !== undefined);
    return found.sort(byKey);
  }

  /** Returns every version and delete marker, by key and each key's newest first. */
  listVersions(): readonly Version[] {
    return this.#versions.toReversed().sort(byKey);
  }

  /** Returns a version, by default the latest; undefined if there is none. */
  find(key: string, id?: string): Version | undefined {
    return this.#versions.findLast((version) => version.key === key && (id === undefined || version.id === id));
  }

  /** Adds a version. In a bucket without versioning it replaces the former one. */
  add(key: string, content: Version['content'], retention: Retention | undefined): Version {
    const former = this.bucket.versioned ? undefined : this.find(key);
    const id = this.bucket.versioned ? randomBytes(24).toString('base64url') : 'null';
    const number = (this.#versions.at(-1)?.number ?? 0) + 1;
    const version = { key, number, id, at: this.#now(), content, retention };
    const stored = { ...version, content: content && { ...content, bytes: content.bytes.toString('base64') } };
    if (former !== undefined) this.#remove(former);
    this.#versions.push(version);
    writePrivately(this.#file(version), Buffer.from(JSON.stringify(stored)));
    return version;
  }

  /** Deletes a version for good. Throws `AccessDenied` while it is locked. @param bypass the lock of the governance mode */
  delete(version: Version, bypass: boolean): void {
    const { retention } = version;
    const locked = retention !== undefined && retention.until > this.#now();
    if (locked && !(bypass && retention.mode === 'GOVERNANCE')) throw s3Errors.locked();
    this.#remove(version);
  }

  #remove(version: Version): void {
    this.#versions.splice(this.#versions.indexOf(version), 1);
    const file = this.#file(version);
    if (existsSync(file)) rmSync(file);
  }

  /** Names sort by the versions' numbers. */
  #file({ number }: Version): string {
    return join(this.#dir, `${String(number).padStart(12, '0')}.json`);
  }
}

function byKey(a: Version, b: Version): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}
