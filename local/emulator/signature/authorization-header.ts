import { type ScopedKey, readScopedKey } from './scope';
import { ALGORITHM } from './signing';

/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, read. */
export interface AuthorizationHeader {
  readonly key: ScopedKey;
  /** names in lower case, sorted, each once */
  readonly signedHeaders: readonly string[];
  /** as claimed */
  readonly signature: string;
}

/** Longest that is read: some ten times what the SDKs send. */
const MAX_CHARS = 4_096;

/** `undefined` where it is anything else, incomplete, or has a part twice. */
export function readAuthorizationHeader(text: string): AuthorizationHeader | undefined {
  if (text.length > MAX_CHARS || !text.startsWith(`${ALGORITHM} `)) return undefined;
  const parts = text.slice(ALGORITHM.length).split(',').map(readPart);
  const byName = new Map(parts);
  const key = readScopedKey(byName.get('Credential') ?? '');
  const signedHeaders = readNames(byName.get('SignedHeaders') ?? '');
  const signature = byName.get('Signature') ?? '';
  if (parts.length !== 3 || key === undefined || signedHeaders === undefined || signature === '') return undefined;
  return { key, signedHeaders, signature };
}

function readPart(part: string): readonly [string, string] {
  const [name = '', ...value] = part.trim().split('=');
  return [name, value.join('=')];
}

/** Another order, or a name twice, would let one request have several canonical forms. */
function readNames(list: string): readonly string[] | undefined {
  const names = list.split(';');
  const sorted = names.every((name, at) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && (names[at - 1] ?? '') < name);
  return sorted ? names : undefined;
}
