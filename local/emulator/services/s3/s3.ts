import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { AwsError } from '../errors';
import { escape } from '../query-protocol';
import { accessKeyIdOf, readBody, signingNameOf } from '../request';
import type { AwsCall, AwsResponse, AwsService } from '../service';
import type { Bucket, Retention, Version } from './bucket';
import { type S3Input, S3_INPUT, readS3 } from './call';
import { contentOf, hasChecksum } from './content';
import { listObjects, listVersions } from './list';
import { s3Errors } from './s3-error';
import { BucketStore } from './store';
import { xml } from './xml';

/** Maximum bytes of an object here. */
const OBJECT_BYTES = 8 * 1_048_576;
const DAY_MS = 86_400_000;

export interface LocalS3Options {
  readonly buckets: readonly Bucket[];
  /** a folder for the objects */
  readonly dir: string;
  readonly now?: () => Date;
}

/** Emulates S3 for the buckets of a template: versions, Object Lock, and objects of a few megabytes in path style. */
export class LocalS3 implements AwsService {
  readonly signingName = 's3';
  readonly protocol = 'rest-xml';
  readonly #stores: ReadonlyMap<string, BucketStore>;
  readonly #now: () => Date;
  readonly #operations: Readonly<Record<string, (store: BucketStore, input: S3Input) => AwsResponse>> = {
    PutObject: (store, input) => this.#put(store, input),
    GetObject: (store, input) => getObject(store, input),
    HeadObject: (store, input) => ({ ...getObject(store, input), body: '' }),
    DeleteObject: (store, input) => deleteObject(store, input),
    GetObjectRetention: (store, input) => getRetention(store, input),
    ListObjectsV2: listObjects,
    ListObjectVersions: listVersions,
  };

  constructor({ buckets, dir, now = () => new Date() }: LocalS3Options) {
    this.#now = now;
    this.#stores = new Map(buckets.map((bucket) => [bucket.name, new BucketStore(bucket, dir, now)]));
  }

  matches(request: IncomingMessage): boolean {
    return signingNameOf(request) === this.signingName;
  }

  readBody(request: IncomingMessage): Promise<Buffer> {
    return readBody(request, OBJECT_BYTES);
  }

  readCall(request: IncomingMessage, body: Buffer): AwsCall {
    return { ...readS3(request, Buffer.from(body)), accessKeyId: accessKeyIdOf(request) ?? '' };
  }

  respond({ operation, input }: AwsCall, ended: (result: string) => void): Promise<AwsResponse> {
    try {
      const response = this.#respond(operation, v.parse(S3_INPUT, input));
      ended('ok');
      return Promise.resolve(response);
    } catch (error) {
      const failure =
        error instanceof AwsError ? error : new AwsError('InternalError', 'We encountered an internal error.', 500);
      ended(failure.name);
      return Promise.resolve(this.errorResponse(failure));
    }
  }

  errorResponse({ name, message, status }: AwsError): AwsResponse {
    const code = CODES[name] ?? name;
    return xml(status, 'Error', `<Code>${escape(code)}</Code><Message>${escape(message)}</Message>`);
  }

  #respond(operation: string, input: S3Input): AwsResponse {
    const store = this.#stores.get(input.Bucket);
    if (store === undefined) throw s3Errors.noBucket();
    const expected = input.headers['x-amz-expected-bucket-owner'];
    if (expected !== undefined && store.bucket.account !== undefined && expected !== store.bucket.account) {
      throw s3Errors.otherOwner();
    }
    const run = this.#operations[operation];
    if (run === undefined) throw s3Errors.notImplemented(`no operation ${operation} here`);
    return run(store, input);
  }

  #put(store: BucketStore, { Key = '', IfNoneMatch, Retention, headers, Body }: S3Input): AwsResponse {
    if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw s3Errors.notImplemented('no If-None-Match but * here');
    if (IfNoneMatch === '*' && store.find(Key)?.content !== undefined) throw s3Errors.exists();
    const retention = Retention ?? this.#defaultRetention(store.bucket);
    if (Retention !== undefined) this.#requireLockable(store.bucket, Retention);
    if (retention !== undefined && !hasChecksum(headers)) {
      throw s3Errors.invalid('Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters'); // prettier-ignore
    }
    return {
      status: 200,
      headers: versionHeaders(store.add(Key, contentOf(Body, headers), retention), store),
      body: '',
    };
  }

  #requireLockable({ lock }: Bucket, { until }: Retention): void {
    if (lock === undefined) throw s3Errors.invalid('Bucket is missing Object Lock Configuration');
    if (until <= this.#now()) throw s3Errors.argument('The retain until date must be in the future!');
  }

  #defaultRetention({ lock }: Bucket): Retention | undefined {
    if (lock?.byDefault === undefined) return undefined;
    const { mode, days } = lock.byDefault;
    return { mode, until: new Date(this.#now().getTime() + days * DAY_MS) };
  }
}

function getObject(store: BucketStore, { Key = '', VersionId, headers }: S3Input): AwsResponse {
  const version = requireVersion(store, Key, VersionId);
  const { content, retention, at } = version;
  if (content === undefined) throw s3Errors.isMarker();
  const wanted = headers['x-amz-checksum-mode'] === 'ENABLED' ? Object.entries(content.checksums) : [];
  return {
    status: 200,
    headers: {
      ...versionHeaders(version, store),
      ...{ 'content-type': content.contentType, 'last-modified': at.toUTCString() },
      ...Object.fromEntries(wanted.map(([name, value]) => [`x-amz-checksum-${name}`, value])),
      ...(retention && {
        'x-amz-object-lock-mode': retention.mode,
        'x-amz-object-lock-retain-until-date': retention.until.toISOString(),
      }),
    },
    // a copy: the server overwrites what it has sent
    body: Buffer.from(content.bytes),
  };
}

/** Deletes a version for good, or else hides the object behind a delete marker. Succeeds also if there is none. */
function deleteObject(store: BucketStore, { Key = '', VersionId, BypassGovernanceRetention }: S3Input): AwsResponse {
  if (VersionId !== undefined) {
    const version = store.find(Key, VersionId);
    if (version !== undefined) store.delete(version, BypassGovernanceRetention);
    return { status: 204, headers: { 'x-amz-version-id': VersionId }, body: '' };
  }
  if (!store.bucket.versioned) {
    const version = store.find(Key);
    if (version !== undefined) store.delete(version, false);
    return { status: 204, headers: {}, body: '' };
  }
  const { id } = store.add(Key, undefined, undefined);
  return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': id }, body: '' };
}

function getRetention(store: BucketStore, { Key = '', VersionId }: S3Input): AwsResponse {
  const { retention } = requireVersion(store, Key, VersionId);
  if (retention === undefined) throw s3Errors.noLock();
  const { mode, until } = retention;
  return xml(200, 'Retention', `<Mode>${mode}</Mode><RetainUntilDate>${until.toISOString()}</RetainUntilDate>`);
}

function requireVersion(store: BucketStore, key: string, id: string | undefined): Version {
  const version = store.find(key, id);
  if (version === undefined) throw id === undefined ? s3Errors.noKey() : s3Errors.noVersion();
  if (version.content === undefined && id === undefined) throw s3Errors.noKey();
  return version;
}

function versionHeaders({ id, content }: Version, { bucket }: BucketStore): Record<string, string> {
  return {
    ...(content && { etag: `"${content.etag}"` }),
    ...(bucket.versioned && { 'x-amz-version-id': id }),
  };
}

/** Error names of other protocols and S3's. Others are the same. */
const CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  MissingAuthenticationTokenException: 'AccessDenied',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidAccessKeyId',
  ExpiredTokenException: 'ExpiredToken',
  RequestEntityTooLargeException: 'EntityTooLarge',
};
