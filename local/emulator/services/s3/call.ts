import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { AwsError } from '../errors';
import { type Retention, LOCK_MODES } from './bucket';
import { s3Errors } from './s3-error';

/** Input of every operation. Members by their API names, so that policies can be decided by them. */
export interface S3Input {
  readonly Bucket: string;
  /** undefined for an operation on the bucket */
  readonly Key: string | undefined;
  readonly VersionId: string | undefined;
  readonly Prefix: string | undefined;
  /** `url` escapes keys in lists as in a URL, instead of as in XML */
  readonly EncodingType: string | undefined;
  readonly MaxKeys: number;
  /** the key after which a page begins */
  readonly After: string | undefined;
  /** the version of that key after which a page begins */
  readonly VersionIdMarker: string | undefined;
  readonly IfNoneMatch: string | undefined;
  readonly BypassGovernanceRetention: boolean;
  readonly Retention: Retention | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly Body: Buffer;
}

/** Returns an input that `readS3` read. */
export const S3_INPUT = v.custom<S3Input>((value) => typeof value === 'object' && value !== null && 'Body' in value);

/** Subresources that change the operation; others are refused. */
const PARAMETERS: readonly string[] = [
  ...['list-type', 'prefix', 'max-keys', 'continuation-token', 'start-after', 'encoding-type', 'fetch-owner'],
  ...['versions', 'key-marker', 'version-id-marker', 'versionId', 'retention', 'x-id'],
];

/** Reads a request in path style: `/BUCKET/KEY`. Returns the operation and its input. Throws `AwsError`. */
export function readS3(
  { method = '', url = '', headers }: IncomingMessage,
  Body: Buffer,
): { readonly operation: string; readonly input: S3Input } {
  const [path = '', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw s3Errors.notImplemented(`no parameter ${unknown} here`);
  const [, Bucket = '', rest = ''] = /^\/([^/]*)(?:\/(.*))?$/.exec(path) ?? [];
  const Key = rest === '' ? undefined : decode(rest);
  const input = {
    ...{ Bucket, Key, headers, Body },
    VersionId: query.get('versionId') ?? undefined,
    Prefix: query.get('prefix') ?? undefined,
    EncodingType: query.get('encoding-type') ?? undefined,
    MaxKeys: Number(query.get('max-keys') ?? 1_000),
    After: afterOf(query),
    VersionIdMarker: query.get('version-id-marker') ?? undefined,
    IfNoneMatch: headers['if-none-match'],
    BypassGovernanceRetention: headers['x-amz-bypass-governance-retention'] === 'true',
    Retention: retentionOf(headers),
  };
  return { operation: operationOf(method, Key, query), input };
}

function operationOf(method: string, key: string | undefined, query: URLSearchParams): string {
  const about = key === undefined ? listOf(query) : query.has('retention') ? 'retention' : 'object';
  const operation = OPERATIONS[`${method} ${about}`];
  if (operation === undefined) throw s3Errors.notImplemented(`no operation ${method} of a ${about} here`);
  return operation;
}

function listOf(query: URLSearchParams): string {
  if (query.has('versions')) return 'versions';
  return query.get('list-type') === '2' ? 'list' : 'bucket';
}

const OPERATIONS: Readonly<Record<string, string>> = {
  'PUT object': 'PutObject',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'DELETE object': 'DeleteObject',
  'GET retention': 'GetObjectRetention',
  'GET list': 'ListObjectsV2',
  'GET versions': 'ListObjectVersions',
};

const RETENTION = v.object({
  mode: v.picklist(LOCK_MODES),
  until: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.transform((text) => new Date(text)),
  ),
});

/** Reads the retention of a new object; undefined if the request has none. Throws unless mode and date are both given. */
function retentionOf(headers: IncomingHttpHeaders): Retention | undefined {
  const [mode, until] = [headers['x-amz-object-lock-mode'], headers['x-amz-object-lock-retain-until-date']];
  if (headers['x-amz-object-lock-legal-hold'] === 'ON') throw s3Errors.notImplemented('no legal holds here');
  if (mode === undefined && until === undefined) return undefined;
  const read = v.safeParse(RETENTION, { mode, until });
  if (read.success) return read.output;
  throw s3Errors.argument('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied');
}

/** A page begins after the key that the former one returned as its token, or after a key of the caller's. */
function afterOf(query: URLSearchParams): string | undefined {
  const [token, marker] = [query.get('continuation-token'), query.get('key-marker')];
  if (query.has('versions')) return marker ?? undefined;
  return token === null ? (query.get('start-after') ?? undefined) : Buffer.from(token, 'base64url').toString();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}
