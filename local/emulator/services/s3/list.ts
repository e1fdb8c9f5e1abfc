import { escape } from '../query-protocol';
import type { AwsResponse } from '../service';
import type { Version } from './bucket';
import type { S3Input } from './call';
import { s3Errors } from './s3-error';
import type { BucketStore } from './store';
import { xml } from './xml';

/** Maximum keys or versions of a page. */
const MOST = 1_000;

/** Lists the latest version of each key, without those that a delete marker hides. */
export function listObjects(store: BucketStore, { Prefix = '', MaxKeys, After, EncodingType }: S3Input): AwsResponse {
  const shown = escapeFor(EncodingType);
  const found = store.list().filter(({ key }) => key.startsWith(Prefix) && isAfter(key, After));
  const page = found.slice(0, Math.min(MaxKeys, MOST));
  const last = page.at(-1);
  const next = found.length > page.length && last ? Buffer.from(last.key).toString('base64url') : undefined;
  const contents = page.map((version) => `<Contents><Key>${shown(version.key)}</Key>${factsOf(version)}</Contents>`);
  const head = `${headOf(store, Prefix, shown)}<KeyCount>${page.length}</KeyCount>`;
  const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return xml(
    200,
    'ListBucketResult',
    `${head}<IsTruncated>${String(next !== undefined)}</IsTruncated>${contents.join('')}${more}`,
  );
}

/** Lists every version and delete marker, by key and each key's newest first. */
export function listVersions(store: BucketStore, input: S3Input): AwsResponse {
  const { Prefix = '', MaxKeys, After, VersionIdMarker } = input;
  const shown = escapeFor(input.EncodingType);
  const found = afterVersion(store.listVersions(), After, VersionIdMarker).filter(({ key }) => key.startsWith(Prefix));
  const page = found.slice(0, Math.min(MaxKeys, MOST));
  const last = found.length > page.length ? page.at(-1) : undefined;
  const entries = page.map((version) => {
    const latest = `<IsLatest>${String(store.find(version.key) === version)}</IsLatest>`;
    const names = `<Key>${shown(version.key)}</Key><VersionId>${version.id}</VersionId>${latest}`;
    if (version.content !== undefined) return `<Version>${names}${factsOf(version)}</Version>`;
    return `<DeleteMarker>${names}<LastModified>${version.at.toISOString()}</LastModified></DeleteMarker>`;
  });
  const more = last && `<NextKeyMarker>${shown(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.id}</NextVersionIdMarker>`; // prettier-ignore
  return xml(
    200,
    'ListVersionsResult',
    `${headOf(store, Prefix, shown)}<IsTruncated>${String(last !== undefined)}</IsTruncated>${more ?? ''}${entries.join('')}`,
  );
}

/** Returns the versions behind a key, or those behind a version of it. */
function afterVersion(
  versions: readonly Version[],
  key: string | undefined,
  id: string | undefined,
): readonly Version[] {
  if (id === undefined) return versions.filter((version) => isAfter(version.key, key));
  if (key === undefined) throw s3Errors.argument('A version-id marker cannot be specified without a key marker.');
  const at = versions.findIndex((version) => version.key === key && version.id === id);
  if (at < 0) throw s3Errors.argument('Invalid version id specified');
  return versions.slice(at + 1);
}

function isAfter(key: string, after: string | undefined): boolean {
  return after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}

function headOf({ bucket }: BucketStore, prefix: string, shown: (key: string) => string): string {
  return `<Name>${escape(bucket.name)}</Name><Prefix>${shown(prefix)}</Prefix>`;
}

/** Returns how a list shows keys. In a URL's escapes a blank is a plus sign. Throws for an unknown encoding. */
function escapeFor(encoding: string | undefined): (key: string) => string {
  if (encoding === undefined) return escape;
  if (encoding !== 'url') throw s3Errors.argument('Invalid Encoding Method specified in Request');
  return (key) =>
    encodeURIComponent(key)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, percent);
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

function factsOf({ at, content }: Version): string {
  const etag = `<ETag>&quot;${content?.etag ?? ''}&quot;</ETag>`;
  return `<LastModified>${at.toISOString()}</LastModified>${etag}<Size>${content?.bytes.length ?? 0}</Size>`;
}
