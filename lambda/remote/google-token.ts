import { wipe } from '../contract/bytes';
import { ELSEWHERE_PATTERNS, type GoogleLogin } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { signCallerIdentityUrl } from './caller-identity';
import { shapeFailure, statusFailure } from './failure';
import { jsonMembers } from './json-members';
import { sendRemote } from './retry';
import { BEARER_PATTERN, type Token, TokenCache } from './token-cache';
import { getWebIdentityToken } from './web-identity';

export const GOOGLE_SERVICE = 'google';
export const GOOGLE_STS_URL = 'https://sts.googleapis.com';
const FORM = 'application/x-www-form-urlencoded';
const TYPES = 'urn:ietf:params:oauth:token-type';
const AWS_TYPE = 'urn:ietf:params:aws:token-type:aws4_request';

/**
 * Returns a cache of access tokens of the function's role at Google Cloud: its workload identity pool exchanges a web
 * identity token of AWS STS, or a signed `GetCallerIdentity`, for one
 * (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token). Throws `Misconfigured` at once for a
 * malformed audience. Its `get` throws `KeyUnavailable` for a refused exchange, and as `sendRemote`.
 *
 * @param scope what the token may be used for
 * @param stsUrl origin of Google's token service
 */
export function createGoogleTokens(login: GoogleLogin, scope: string, stsUrl = GOOGLE_STS_URL): TokenCache {
  if (!ELSEWHERE_PATTERNS.googleAudience.test(login.audience)) {
    throw new VaultError('Misconfigured', 'expected a provider of a workload identity pool, got something else');
  }
  const url = new URL('/v1/token', stsUrl);
  return new TokenCache(async (signal) => exchange(url, login, scope, await subjectOf(login, signal), signal));
}

interface Subject {
  readonly subject_token_type: string;
  readonly subject_token: string;
}

async function subjectOf({ audience, method }: GoogleLogin, signal: AbortSignal): Promise<Subject> {
  if (method === 'token') {
    return { subject_token_type: `${TYPES}:jwt`, subject_token: await getWebIdentityToken(audience, signal) };
  }
  // the signature covers the header: another provider can't use the request
  const { url, headers, ...request } = await signCallerIdentityUrl({ 'x-goog-cloud-target-resource': audience });
  const list = Object.entries(headers).map(([key, value]) => ({ key, value }));
  const serialized = JSON.stringify({ ...request, url: url.href, headers: list });
  return { subject_token_type: AWS_TYPE, subject_token: encodeURIComponent(serialized) };
}

async function exchange(
  url: URL,
  { audience }: GoogleLogin,
  scope: string,
  subject: Subject,
  signal: AbortSignal,
): Promise<Token> {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: `${TYPES}:access_token`,
    ...{ audience, scope, ...subject },
  });
  const request = {
    service: GOOGLE_SERVICE,
    method: 'POST',
    url,
    headers: { 'content-type': FORM },
    body: Buffer.from(form.toString()),
  } as const;
  const began = Date.now();
  const response = await sendRemote(request, signal);
  try {
    // a refusal quotes the subject: only its status is read
    if (response.status !== 200) throw statusFailure(GOOGLE_SERVICE, response.status);
    return readToken(response.body, began);
  } finally {
    wipe(response.body);
  }
}

/** Its lifetime counts from the request. */
function readToken(body: Buffer, began: number): Token {
  const { access_token: value, expires_in: seconds, token_type: type } = jsonMembers(body);
  if (type !== 'Bearer' || typeof value !== 'string' || !BEARER_PATTERN.test(value) || !isLifetime(seconds)) {
    throw shapeFailure(GOOGLE_SERVICE, 'a token');
  }
  return { value, expiresAt: began + seconds * 1_000 };
}

const isLifetime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
