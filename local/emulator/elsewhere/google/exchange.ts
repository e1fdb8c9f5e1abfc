import type { StandInRequest, StandInResponse } from '../stand-in';
import type { AccessTokens } from './access-tokens';
import { ExchangeError } from './google-error';
import { type PoolProvider, identify } from './pool';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Responds to `POST https://sts.googleapis.com/v1/token`, a token exchange (RFC 8693). Throws `ExchangeError`. */
export async function exchangeToken(
  { method, url, body }: StandInRequest,
  providers: readonly PoolProvider[],
  tokens: AccessTokens,
): Promise<StandInResponse> {
  if (method !== 'POST' || url.pathname !== '/v1/token') return { status: 404, body: '' };
  const form = new URLSearchParams(body.toString());
  const member = (name: string): string => requireMember(form, name);
  if (member('grant_type') !== GRANT) throw new ExchangeError('invalid_request', 'Invalid value for "grant_type".');
  if (member('requested_token_type') !== ACCESS_TOKEN) {
    throw new ExchangeError('invalid_request', 'Invalid value for "requested_token_type".');
  }
  const provider = providers.find(({ audience }) => audience === member('audience'));
  if (provider === undefined) {
    const message = 'The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn\'t exist.'; // prettier-ignore
    throw new ExchangeError('invalid_target', message);
  }
  const identity = await identify(provider, member('subject_token_type'), member('subject_token'));
  const { value, seconds } = tokens.issue(identity, member('scope').split(' '));
  return {
    status: 200,
    body: { access_token: value, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: seconds },
  };
}

function requireMember(form: URLSearchParams, name: string): string {
  const [value, ...more] = form.getAll(name);
  if (value !== undefined && value !== '' && more.length === 0) return value;
  throw new ExchangeError('invalid_request', `Expected one "${name}" in the request.`);
}
