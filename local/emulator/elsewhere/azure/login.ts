import type { StandInRequest, StandInResponse } from '../stand-in';
import type { AzureDirectory } from './directory';
import { LoginError } from './login-error';

export const LOGIN_HOST = 'login.microsoftonline.com';

/** The login service: `POST /TENANT/oauth2/v2.0/token`, and the description of the tenant that clients read before. */
export async function respondToLogin(
  directory: AzureDirectory,
  { method, url, body }: StandInRequest,
): Promise<StandInResponse> {
  const [tenant = '', ...rest] = url.pathname.split('/').slice(1);
  const path = rest.join('/');
  try {
    if (method === 'POST' && path === 'oauth2/v2.0/token') {
      const headers = { 'cache-control': 'no-store' };
      return { status: 200, headers, body: await directory.login(tenant, new URLSearchParams(body.toString())) };
    }
    if (method === 'GET' && path === 'v2.0/.well-known/openid-configuration') {
      return { status: 200, body: configurationOf(tenant) };
    }
    return { status: 404, body: { error: 'not_found' } };
  } catch (error) {
    if (error instanceof LoginError) return { status: error.status, body: error };
    throw error;
  }
}

/** OpenID Connect Discovery 1.0, as far as Microsoft's clients read it. */
function configurationOf(tenant: string): object {
  const base = `https://${LOGIN_HOST}/${tenant}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
