import type { IncomingMessage } from 'node:http';
import { type AuthorizationHeader, readAuthorizationHeader } from './authorization-header';
import { canonicalRequest } from './canonical-request';
import type { Clock, Credential, Credentials } from './credential';
import { type Headers, readHeaders, single } from './headers';
import { type Protocol, type RefusalName, SignatureRefusal } from './refusals';
import { readTimestamp } from './scope';
import { isSignature, equalTexts, sha256Hex, signatureOf } from './signing';

/** A request from Node's HTTP server. `headers` would hide repeated headers, `rawHeaders` doesn't. */
export type ReceivedRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>;

export interface Verification {
  readonly credentials: Credentials;
  /** the region that the request must be signed for */
  readonly region: string;
  /** the service's signing name, such as `kms`, `secretsmanager`, `ssm`, `lambda` */
  readonly service: string;
  /** decides the status of a refusal */
  readonly protocol: Protocol;
  /** @default - this machine's clock */
  readonly now?: Clock | undefined;
}

export const SKEW_MS = 5 * 60_000;
/** Headers that must be signed in every request: its target host and its time. */
const ALWAYS_SIGNED = ['host', 'x-amz-date'];
const TOKEN = 'x-amz-security-token';

/**
 * Verifies the AWS Signature Version 4 in a request's headers and returns its credential. Hashes the caller's body
 * without copying or keeping it. Throws `SignatureRefusal`.
 *
 * As in AWS, a repeated request is accepted within five minutes of its date, and refused later. A service that must
 * detect repetitions has to use a signed value for this.
 */
export function verifyRequest(request: ReceivedRequest, body: Uint8Array, verification: Verification): Credential {
  const headers = readHeaders(request.rawHeaders);
  const { service } = verification;
  const refuse: Refuse = (name, message) => new SignatureRefusal(name, message, verification.protocol);
  const authorization = requireAuthorization(headers, refuse);
  requireSigned(headers, authorization, refuse);
  const timestamp = requireRecent(headers, authorization, verification, refuse);
  requireScope(authorization, verification, refuse);
  const credential = requireCredential(headers, authorization, verification, refuse);
  const canonical = canonicalRequest({
    method: request.method ?? '',
    target: request.url ?? '',
    headers: authorization.signedHeaders.map((name) => [name, headers.get(name) ?? []]),
    payloadHash: service === 's3' ? requirePayloadHash(headers, body, refuse) : sha256Hex(body),
    pathAsSent: service === 's3',
  });
  const expected = signatureOf(canonical, timestamp, authorization.key, credential.secretAccessKey);
  if (!isSignature(authorization.signature, expected)) throw refuse('InvalidSignatureException', MISMATCH);
  return credential;
}

/** Names of bodies that S3 does not sign: their checksums are in headers or trailers. */
const UNSIGNED: readonly string[] = ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'];

/** Returns the signed hash of an S3 request's body. Throws if the body has another one. */
function requirePayloadHash(headers: Headers, body: Uint8Array, refuse: Refuse): string {
  const hash = single(headers, 'x-amz-content-sha256') ?? '';
  if (UNSIGNED.includes(hash) || hash === sha256Hex(body)) return hash;
  throw refuse('InvalidSignatureException', 'expected x-amz-content-sha256 to be the hash of the body');
}

type Refuse = (name: RefusalName, message: string) => SignatureRefusal;

/** AWS's own messages. */
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'; // prettier-ignore
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';

function requireAuthorization(headers: Headers, refuse: Refuse): AuthorizationHeader {
  if (!headers.has('authorization')) {
    throw refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const authorization = readAuthorizationHeader(single(headers, 'authorization') ?? '');
  if (authorization !== undefined) return authorization;
  const message = 'expected one Authorization header: AWS4-HMAC-SHA256, Credential, SignedHeaders and Signature';
  throw refuse('IncompleteSignatureException', message);
}

/** Requires that every `x-amz-…` header is signed: `x-amz-target`, the session token, and Lambda's headers. */
function requireSigned(headers: Headers, { signedHeaders }: AuthorizationHeader, refuse: Refuse): void {
  const needed = [...ALWAYS_SIGNED, ...[...headers.keys()].filter((name) => name.startsWith('x-amz-'))];
  const unsigned = needed.find((name) => !signedHeaders.includes(name));
  if (unsigned !== undefined) throw refuse('InvalidSignatureException', `expected ${unsigned} to be signed`);
  const missing = signedHeaders.find((name) => !headers.has(name));
  if (missing !== undefined) throw refuse('InvalidSignatureException', `expected the signed header ${missing}`);
}

function requireRecent(
  headers: Headers,
  { key }: AuthorizationHeader,
  { now = Date.now }: Verification,
  refuse: Refuse,
): string {
  const timestamp = single(headers, 'x-amz-date') ?? '';
  const at = readTimestamp(timestamp);
  if (at === undefined) throw refuse('IncompleteSignatureException', 'expected one x-amz-date as YYYYMMDDThhmmssZ');
  if (key.date !== timestamp.slice(0, 8)) {
    throw refuse('InvalidSignatureException', 'Date in Credential scope does not match YYYYMMDD from x-amz-date.');
  }
  if (at < now() - SKEW_MS) {
    throw refuse('InvalidSignatureException', `Signature expired: ${timestamp} is more than 5 min. ago`);
  }
  if (at > now() + SKEW_MS) {
    throw refuse('InvalidSignatureException', `Signature not yet current: ${timestamp} is more than 5 min. ahead`);
  }
  return timestamp;
}

function requireScope({ key }: AuthorizationHeader, { region, service }: Verification, refuse: Refuse): void {
  if (key.region !== region) {
    throw refuse('InvalidSignatureException', `Credential should be scoped to a valid region: '${region}'.`);
  }
  if (key.service !== service) {
    throw refuse('InvalidSignatureException', `Credential should be scoped to correct service: '${service}'.`);
  }
}

/** Returns the credential. Throws the same error for an unknown key and for a wrong token. */
function requireCredential(
  headers: Headers,
  { key }: AuthorizationHeader,
  { credentials, now = Date.now }: Verification,
  refuse: Refuse,
): Credential {
  const credential = credentials.find(key.accessKeyId);
  const tokens = headers.get(TOKEN) ?? [];
  if (credential === undefined || !equalTexts(tokens.join(), credential.sessionToken ?? '')) {
    throw refuse('UnrecognizedClientException', INVALID_TOKEN);
  }
  if ((credential.expiresAt ?? Infinity) <= (credentials.now ?? now)())
    throw refuse('ExpiredTokenException', EXPIRED_TOKEN);
  return credential;
}
