/**
 * The parts of a received request that its canonical request (AWS Signature Version 4) consists of. All texts are byte
 * strings (one character per byte), as Node's HTTP server returns them.
 */
export interface CanonicalParts {
  readonly method: string;
  /** path and query, as received */
  readonly target: string;
  /** names in lower case, in signed order, each with its values in the order received */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  /** SHA-256 of the body, hex; for S3 also the name of an unsigned body */
  readonly payloadHash: string;
  /** S3 signs the path as it is sent */
  readonly pathAsSent?: boolean;
}

export function canonicalRequest({ method, target, headers, payloadHash, pathAsSent }: CanonicalParts): string {
  const { path, query } = splitTarget(target);
  return [
    method,
    pathAsSent === true ? path : canonicalPath(path),
    canonicalQuery(query),
    ...headers.map(([name, values]) => `${name}:${values.map(canonicalValue).join(',')}`),
    '',
    headers.map(([name]) => name).join(';'),
    payloadHash,
  ].join('\n');
}

/** Splits a target at its first question mark. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Encodes the already encoded path again and removes empty and dot segments. All services but S3 sign this form. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

/** Sorts the query by name, then by value, both in the signers' encoding. A plus sign doesn't mean a space. */
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

/** Leaves invalid escapes as they are: no signer writes them, so the signature doesn't match. */
function decode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
