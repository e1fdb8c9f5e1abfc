import { createHash } from 'node:crypto';
import { VaultError } from '../contract/errors';
import { OBJECT_KEY_PATTERN } from '../contract/patterns';
import { endpointOf, region, signedHeaders } from './aws';
import { shapeFailure, statusFailure } from './failure';
import type { RemoteResponse } from './request';
import { sendRemote } from './retry';

/** A bucket with Object Lock. Its objects have keys of letters, digits and `/.-`. */
export interface BucketPlace {
  /** account that owns it: S3 refuses calls if it is another one's */
  readonly account: string;
  readonly bucket: string;
}

export interface KeysOfBucket {
  readonly keys: readonly string[];
  /** whether there are more keys */
  readonly isPart: boolean;
}

const SERVICE = 's3';
/** S3 asks to repeat a put beside another one of the same key; 412 is final, the object exists. */
const RETRIED = [409];
/** A page of keys: some 400 bytes each. */
const PAGE_KEYS = 100;
const PAGE_BYTES = 262_144;

interface Call {
  readonly method: 'GET' | 'PUT';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** The requests to S3 that the vault's functions make: they put once, list and get. */
export class S3Bucket {
  constructor(private readonly place: BucketPlace) {}

  /** Stores an object. Does nothing if there is one of that key: the bucket's policy refuses to replace any. */
  async putOnce(key: string, body: Buffer, signal: AbortSignal): Promise<void> {
    // an upload with a retention needs a checksum
    const checksum = createHash('sha256').update(body).digest('base64');
    const headers = { 'if-none-match': '*', 'x-amz-checksum-sha256': checksum, 'content-type': 'application/json' };
    const { status } = await this.#send({ method: 'PUT', key, headers, body }, signal);
    if (status !== 200 && status !== 412) throw statusFailure(SERVICE, status);
  }

  /** Returns the keys of a prefix that sort after a text: a page of them. */
  async list(prefix: string, after: string, signal: AbortSignal): Promise<KeysOfBucket> {
    const query = { 'list-type': '2', 'max-keys': String(PAGE_KEYS), prefix, 'start-after': after };
    const { status, body } = await this.#send({ method: 'GET', query }, signal);
    if (status !== 200) throw statusFailure(SERVICE, status);
    const xml = body.toString('utf8');
    const [, truncated] = /<IsTruncated>(true|false)<\/IsTruncated>/.exec(xml) ?? [];
    if (truncated === undefined) throw shapeFailure(SERVICE, 'a list of keys');
    const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
    return { keys, isPart: truncated === 'true' };
  }

  async get(key: string, signal: AbortSignal): Promise<Buffer> {
    const { status, body } = await this.#send({ method: 'GET', key }, signal);
    if (status !== 200) throw statusFailure(SERVICE, status);
    return body;
  }

  async #send(
    { method, key = '', query = {}, headers = {}, body }: Call,
    signal: AbortSignal,
  ): Promise<RemoteResponse> {
    // a key that needs no escapes is signed as it is sent
    if (key !== '' && !OBJECT_KEY_PATTERN.test(key))
      throw new VaultError('InternalError', 'expected a plain key, got another');
    const url = endpointOf(SERVICE);
    url.pathname = `/${this.place.bucket}/${key}`;
    url.search = new URLSearchParams(query).toString();
    const sent = { ...headers, 'x-amz-expected-bucket-owner': this.place.account };
    const signed = await signedHeaders({
      ...{ service: SERVICE, method, region: region(), url, headers: sent, body: body ?? '' },
    });
    return sendRemote({ service: SERVICE, method, url, headers: signed, body, maxBytes: PAGE_BYTES, viaProxy: false }, signal, RETRIED); // prettier-ignore
  }
}
