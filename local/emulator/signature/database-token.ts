import { canonicalRequest } from './canonical-request';
import type { Clock, Credential, Credentials } from './credential';
import { readScopedKey, readTimestamp } from './scope';
import { ALGORITHM, isSignature, equalTexts, sha256Hex, signatureOf } from './signing';
import { SKEW_MS } from './verify-request';

export interface DatabaseLogin {
  /** the host that the client connected to; the token must name it */
  readonly host: string;
  readonly port: number;
  /** the user in the start-up message */
  readonly user: string;
}

export interface TokenVerification {
  readonly credentials: Credentials;
  readonly region: string;
  /** @default - this machine's clock */
  readonly now?: Clock | undefined;
}

/** The reason for refusing a token. It is never sent to the client. */
export type TokenRefusal =
  | 'malformed'
  | 'other-endpoint'
  | 'other-user'
  | 'other-region'
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-key'
  | 'session-expired'
  | 'tampered';

export type TokenDecision =
  | { readonly accepted: true; readonly credential: Credential; readonly user: string }
  | { readonly accepted: false; readonly reason: TokenRefusal };

const SERVICE = 'rds-db';
/** A token with a session token in it has about 1,500 characters. */
const MAX_CHARS = 8_192;
const MAX_SECONDS = 900;

/**
 * Verifies an IAM authentication token and returns its credential. The token is the presigned URL without a scheme that
 * `@aws-sdk/rds-signer` creates. Never throws: anything else is `malformed`. As in Aurora, a token is valid for any
 * number of logins within its 15 minutes, while its session is valid.
 */
export function verifyDatabaseToken(
  token: string,
  login: DatabaseLogin,
  verification: TokenVerification,
): TokenDecision {
  const now = (verification.now ?? Date.now)();
  const claims = readToken(token);
  if (claims === undefined) return refused('malformed');
  const credential = verification.credentials.find(claims.key.accessKeyId);
  const { now: sessionNow = () => now } = verification.credentials;
  const reason =
    checkTarget(claims, login, verification.region) ??
    checkTime(claims, now) ??
    checkSignature(claims, credential, sessionNow());
  if (credential === undefined || reason !== undefined) return refused(reason ?? 'unknown-key');
  return { accepted: true, credential, user: login.user };
}

interface Claims {
  /** `HOST:PORT` */
  readonly endpoint: string;
  /** the query without the signature, as signed */
  readonly query: string;
  readonly user: string;
  readonly key: NonNullable<ReturnType<typeof readScopedKey>>;
  readonly timestamp: string;
  /** milliseconds since 1970 */
  readonly at: number;
  readonly seconds: number;
  readonly sessionToken: string;
  readonly signature: string;
}

const PARAMETERS = [
  'Action',
  'DBUser',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
];
/** Parameters that may be missing. The SDK for JavaScript adds the second; it has no meaning here. */
const OPTIONAL = ['X-Amz-Security-Token', 'X-Amz-Content-Sha256'];

function readToken(token: string): Claims | undefined {
  const [, endpoint, query] = /^([\w.:-]{1,300})\/?\?([\x21-\x7e]+)$/.exec(token.slice(0, MAX_CHARS + 1)) ?? [];
  if (token.length > MAX_CHARS || endpoint === undefined || query === undefined) return undefined;
  const parameters = readParameters(query);
  const get = (name: string) => parameters?.get(name) ?? '';
  const key = readScopedKey(get('X-Amz-Credential'));
  const timestamp = get('X-Amz-Date');
  const at = readTimestamp(timestamp);
  const fits =
    get('Action') === 'connect' && get('X-Amz-Algorithm') === ALGORITHM && get('X-Amz-SignedHeaders') === 'host';
  const seconds = /^[1-9]\d{0,3}$/.test(get('X-Amz-Expires')) ? Number(get('X-Amz-Expires')) : Infinity;
  if (!fits || key === undefined || at === undefined || seconds > MAX_SECONDS) return undefined;
  const signed = query.split('&').filter((pair) => !pair.startsWith('X-Amz-Signature='));
  return {
    endpoint,
    query: signed.join('&'),
    user: get('DBUser'),
    key,
    timestamp,
    at,
    seconds,
    sessionToken: get('X-Amz-Security-Token'),
    signature: get('X-Amz-Signature'),
  };
}

/** Reads the known parameters, each once. Of a repeated `DBUser`, two readers could use different values. */
function readParameters(query: string): ReadonlyMap<string, string> | undefined {
  const pairs = [...new URLSearchParams(query)];
  const names = pairs.map(([name]) => name);
  const known = names.every((name) => PARAMETERS.includes(name) || OPTIONAL.includes(name));
  const whole = PARAMETERS.every((name) => names.includes(name));
  return known && whole && new Set(names).size === names.length ? new Map(pairs) : undefined;
}

function checkTarget({ endpoint, user, key }: Claims, login: DatabaseLogin, region: string): TokenRefusal | undefined {
  if (endpoint !== `${login.host}:${login.port}`) return 'other-endpoint';
  if (user !== login.user) return 'other-user';
  return key.region === region && key.service === SERVICE ? undefined : 'other-region';
}

function checkTime({ at, seconds, timestamp, key }: Claims, now: number): TokenRefusal | undefined {
  if (key.date !== timestamp.slice(0, 8)) return 'tampered';
  if (at > now + SKEW_MS) return 'not-yet-valid';
  return at + seconds * 1000 <= now ? 'expired' : undefined;
}

function checkSignature(claims: Claims, credential: Credential | undefined, now: number): TokenRefusal | undefined {
  if (credential === undefined) return 'unknown-key';
  if (!equalTexts(claims.sessionToken, credential.sessionToken ?? '')) return 'unknown-key';
  const canonical = canonicalRequest({
    method: 'GET',
    target: `/?${claims.query}`,
    headers: [['host', [claims.endpoint]]],
    payloadHash: sha256Hex(''),
  });
  const expected = signatureOf(canonical, claims.timestamp, claims.key, credential.secretAccessKey);
  if (!isSignature(claims.signature, expected)) return 'tampered';
  return (credential.expiresAt ?? Infinity) <= now ? 'session-expired' : undefined;
}

function refused(reason: TokenRefusal): TokenDecision {
  return { accepted: false, reason };
}
