/**
 * The canonical request of AWS Signature Version 4, from a request as it was received. All texts are byte strings (a
 * character a byte), as Node's HTTP server gives them.
 */
export interface CanonicalParts {
  readonly method: string;
  /** path and query, as on the wire */
  readonly target: string;
  /** names in lower case, in signed order, each with its values in order of arrival */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  /** SHA-256 of the body, hex */
  readonly payloadHash: string;
}

export function canonicalRequest({ method, target, headers, payloadHash }: CanonicalParts): string {
  const { path, query } = splitTarget(target);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...headers.map(([name, values]) => `${name}:${values.map(canonicalValue).join(',')}`),
    '',
    headers.map(([name]) => name).join(';'),
    payloadHash,
  ].join('\n');
}

/** Everything behind the first question mark is the query. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What was encoded for the wire is encoded once more, without empty and dot segments: all services but S3 sign so. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

/** Sorted by name, then by value, both in the one encoding that signers use; a plus sign is a plus sign. */
function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return pairs
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return { name: encode(decode(name)), value: encode(decode(value.join('='))) };
    })
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}

function canonicalValue(value: string): string {
  return value.trim().replace(/[ \t]+/g, ' ');
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function encode(text: string): string {
  return text.replace(/[^\w.~-]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** What is no valid escape stays as it is: no signer writes it, so its signature fails. */
function decode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
