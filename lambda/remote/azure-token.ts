import { wipe } from '../contract/bytes';
import { AZURE_AUDIENCE, type AzureLogin } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { shapeFailure, statusFailure } from './failure';
import { jsonMembers } from './json-members';
import { sendRemote } from './retry';
import { BEARER_PATTERN, type Token, TokenCache } from './token-cache';
import { getWebIdentityToken } from './web-identity';

/** What a token is for: keys and secrets of a vault, or keys of a managed HSM. */
export type AzureResource = 'https://vault.azure.net' | 'https://managedhsm.azure.net';

const SERVICE = 'azure login';
const LOGIN_URL = 'https://login.microsoftonline.com';
const FORM = 'application/x-www-form-urlencoded';

/**
 * Returns a cache of access tokens of an application. A web identity token of AWS STS logs in, as the client assertion
 * of `client_credentials`
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). Its `get` throws
 * `KeyUnavailable` if Azure refuses the login, and as `sendRemote`.
 */
export function createAzureTokens(login: AzureLogin, resource: AzureResource): TokenCache {
  return new TokenCache(async (signal) => {
    const assertion = await getWebIdentityToken(AZURE_AUDIENCE, signal);
    return logIn(login, resource, assertion, signal);
  });
}

async function logIn(
  { tenant, client }: AzureLogin,
  resource: AzureResource,
  assertion: string,
  signal: AbortSignal,
): Promise<Token> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    scope: `${resource}/.default`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const request = {
    service: SERVICE,
    method: 'POST',
    url: new URL(`${LOGIN_URL}/${tenant}/oauth2/v2.0/token`),
    headers: { 'content-type': FORM, accept: 'application/json' },
    body: Buffer.from(form.toString()),
  } as const;
  const began = Date.now();
  const response = await sendRemote(request, signal);
  const members = jsonMembers(response.body);
  wipe(response.body);
  if (response.status !== 200) throw refusal(response.status, members);
  const { token_type: type, access_token: value, expires_in: seconds } = members;
  if (type !== 'Bearer' || typeof value !== 'string' || !BEARER_PATTERN.test(value) || !isLifetime(seconds)) {
    throw shapeFailure(SERVICE, 'a token');
  }
  return { value, expiresAt: began + seconds * 1_000 };
}

const isLifetime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** Names the refusal by its number only: the description quotes the assertion's subject. */
function refusal(status: number, { error_codes: codes }: Readonly<Record<string, unknown>>): VaultError {
  const failure = statusFailure(SERVICE, status);
  const code: unknown = Array.isArray(codes) ? codes[0] : undefined;
  if (failure.name !== 'KeyUnavailable' || !Number.isSafeInteger(code)) return failure;
  return new VaultError('KeyUnavailable', `expected azure to accept the login, got AADSTS${String(code)}`);
}
