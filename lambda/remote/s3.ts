import { createHash } from 'node:crypto';
import { VaultError } from '../contract/errors';
import { OBJECT_KEY_PATTERN } from '../contract/patterns';
import { endpointOf, region, signedHeaders } from './aws';
import { shapeFailure, statusFailure } from './failure';
import type { RemoteResponse } from './request';
import { sendRemote } from './retry';
import { type Marker, type Version, type VersionPage, readVersionPage } from './version-page';

/** A bucket with Object Lock. Its objects have keys of letters, digits and `/.-`. */
export interface BucketPlace {
  /** account that owns it: S3 refuses calls if it is another one's */
  readonly account: string;
  readonly bucket: string;
}

/** An object of a bucket, in one of its versions. */
export interface ObjectVersion extends Version {
  readonly key: string;
}

export interface VersionsOfBucket {
  readonly objects: readonly ObjectVersion[];
  /** the key after which the next page begins; undefined for the last page */
  readonly next: string | undefined;
}

const SERVICE = 's3';
/** S3 asks to repeat a put beside another one of the same key; 412 is final, the object exists. */
const RETRIED = [409];
/**
 * A page of versions and delete markers: some 600 bytes each, 3,600 if a key is as long as S3 allows and each of its bytes is
 * escaped. The last key of a page is read again with the next one.
 */
const PAGE_ENTRIES = 101;
const PAGE_BYTES = 524_288;

interface Call {
  readonly method: 'GET' | 'PUT';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** most bytes of the response */
  readonly maxBytes?: number;
}

/** The requests to S3 that the vault's functions make: they put once, list versions and get them. */
export class S3Bucket {
  constructor(private readonly place: BucketPlace) {}

  /**
   * Stores an object, if S3 computes the checksum of its bytes that is sent with them. Does nothing if there is one of that
   * key: the bucket's policy refuses to replace any. Returns whether it is stored now, and was not there before.
   */
  async putOnce(key: string, body: Buffer, signal: AbortSignal, contentType = 'application/json'): Promise<boolean> {
    // an upload with a retention needs a checksum
    const checksum = createHash('sha256').update(body).digest('base64');
    const headers = { 'if-none-match': '*', 'x-amz-checksum-sha256': checksum, 'content-type': contentType };
    const { status } = await this.#send({ method: 'PUT', key, headers, body }, signal);
    if (status !== 200 && status !== 412) throw statusFailure(SERVICE, status);
    return status === 200;
  }

  /**
   * Returns the oldest version of each key of a prefix that sorts after a text: a page of them. Object Lock keeps that
   * version; what was put over it later, a delete marker included, hides nothing.
   */
  async listOldest(prefix: string, after: string, signal: AbortSignal): Promise<VersionsOfBucket> {
    const oldest = new Map<string, Version | undefined>();
    for (let marker: Marker | undefined = { 'key-marker': after }; marker !== undefined;) {
      const page = await this.#listVersions(prefix, marker, signal);
      // newest first: the last version of a key is its oldest
      for (const { key, version } of page.entries) oldest.set(key, version ?? oldest.get(key));
      marker = page.next;
      if (marker !== undefined && oldest.size > 1) {
        // older versions of the last key can be on the next page
        oldest.delete([...oldest.keys()].at(-1) ?? '');
        return { objects: objectsOf(oldest), next: [...oldest.keys()].at(-1) };
      }
    }
    return { objects: objectsOf(oldest), next: undefined };
  }

  /** @param maxBytes - most bytes that it may have: a longer one is refused */
  async get(
    { key, versionId }: Omit<ObjectVersion, 'size'>,
    signal: AbortSignal,
    maxBytes = PAGE_BYTES,
  ): Promise<Buffer> {
    const { status, body } = await this.#send({ method: 'GET', key, query: { versionId }, maxBytes }, signal);
    if (status !== 200) throw statusFailure(SERVICE, status);
    return body;
  }

  async #listVersions(prefix: string, marker: Marker, signal: AbortSignal): Promise<VersionPage> {
    // keys of other characters than the vault's own can be there: they must not hide the others
    const query = { versions: '', 'encoding-type': 'url', 'max-keys': String(PAGE_ENTRIES), prefix, ...marker };
    const { status, body } = await this.#send({ method: 'GET', query }, signal);
    if (status !== 200) throw statusFailure(SERVICE, status);
    const page = readVersionPage(body.toString('utf8'));
    if (page === undefined) throw shapeFailure(SERVICE, 'a list of versions');
    return page;
  }

  async #send(
    { method, key = '', query = {}, headers = {}, body, maxBytes = PAGE_BYTES }: Call,
    signal: AbortSignal,
  ): Promise<RemoteResponse> {
    // a key that needs no escapes is signed as it is sent
    if (key !== '' && !OBJECT_KEY_PATTERN.test(key))
      throw new VaultError('InternalError', 'expected a plain key, got another');
    const url = endpointOf(SERVICE);
    url.pathname = `/${this.place.bucket}/${key}`;
    // a blank that is sent as a plus sign would be signed as another character
    url.search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const sent = { ...headers, 'x-amz-expected-bucket-owner': this.place.account };
    const signed = await signedHeaders({
      ...{ service: SERVICE, method, region: region(), url, headers: sent, body: body ?? '' },
    });
    return sendRemote({ service: SERVICE, method, url, headers: signed, body, maxBytes, viaProxy: false }, signal, RETRIED); // prettier-ignore
  }
}

/** Returns the objects that have a version: a key of delete markers only has none. */
function objectsOf(versions: ReadonlyMap<string, Version | undefined>): readonly ObjectVersion[] {
  return [...versions].flatMap(([key, version]) => (version === undefined ? [] : [{ key, ...version }]));
}
