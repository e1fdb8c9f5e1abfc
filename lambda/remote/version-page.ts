/** Parameters by which a list of versions begins after a key, or after a version of it. */
export interface Marker {
  readonly 'key-marker': string;
  readonly 'version-id-marker'?: string;
}

export interface VersionPage {
  /** by key, each key's newest first */
  readonly entries: readonly VersionEntry[];
  /** undefined for the last page */
  readonly next: Marker | undefined;
}

export interface VersionEntry {
  readonly key: string;
  /** undefined for a delete marker */
  readonly version: Version | undefined;
}

/** A version of an object. */
export interface Version {
  readonly versionId: string;
  /** in bytes */
  readonly size: number;
}

const ENTRY = /<(Version|DeleteMarker)>(.*?)<\/\1>/gs;

/** Reads a response of `ListObjectVersions` with URL encoding. Returns undefined unless each of its entries is read. */
export function readVersionPage(xml: string): VersionPage | undefined {
  const found = [...xml.matchAll(ENTRY)].map(([, kind, content = '']) => entryOf(content, kind === 'Version'));
  const entries = found.filter((entry) => entry !== undefined);
  // an entry that isn't read would be a version that the list lacks
  if (entries.length !== xml.split('<Key>').length - 1 || entries.length !== found.length) return undefined;
  const truncated = textOf(xml, 'IsTruncated');
  if (truncated === 'false') return { entries, next: undefined };
  const [key, version] = [keyOf(xml, 'NextKeyMarker'), textOf(xml, 'NextVersionIdMarker')];
  if (truncated !== 'true' || key === undefined || version === undefined) return undefined;
  return { entries, next: { 'key-marker': key, 'version-id-marker': version } };
}

function entryOf(xml: string, isVersion: boolean): VersionEntry | undefined {
  const [key, id] = [keyOf(xml, 'Key'), textOf(xml, 'VersionId')];
  if (key === undefined || id === undefined) return undefined;
  if (!isVersion) return { key, version: undefined };
  const size = textOf(xml, 'Size');
  return size === undefined ? undefined : { key, version: { versionId: id, size: Number(size) } };
}

/** Returns a key, of any characters: those that the vault's own keys don't have are escaped as in a URL. */
function keyOf(xml: string, element: string): string | undefined {
  try {
    return decodeURIComponent((textOf(xml, element) ?? '').replaceAll('+', ' ')) || undefined;
  } catch {
    return undefined;
  }
}

/** Returns an element's text, unless it is empty or has escapes of XML. */
function textOf(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<&]+)</${element}>`).exec(xml)?.[1];
}
