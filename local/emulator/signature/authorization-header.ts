import { type ScopedKey, readScopedKey } from './scope';
import { ALGORITHM } from './signing';

/** The parts of `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export interface AuthorizationHeader {
  readonly key: ScopedKey;
  /** names in lower case, sorted and unique */
  readonly signedHeaders: readonly string[];
  /** the signature in the request, not yet verified */
  readonly signature: string;
}

/** The longest header that is accepted: about ten times as long as the SDKs' headers. */
const MAX_CHARS = 4_096;

/** Reads the header. Returns undefined if it has another format, lacks a part, or repeats a part. */
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

/** Reads sorted and unique names: any other list would give one request several canonical forms. */
function readNames(list: string): readonly string[] | undefined {
  const names = list.split(';');
  const sorted = names.every((name, at) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && (names[at - 1] ?? '') < name);
  return sorted ? names : undefined;
}
