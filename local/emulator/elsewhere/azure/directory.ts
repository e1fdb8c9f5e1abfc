import { randomBytes } from 'node:crypto';
import type { IdentityIssuer } from '../stand-in';
import { type FederatedCredential, requireAssertion } from './assertion';
import { azureErrors } from './azure-error';
import { loginErrors } from './login-error';

/** Azure allows no more for one application. */
const MAX_CREDENTIALS = 20;
const TOKEN_SECONDS = 3_599;
const TOKEN_BYTES = 48;
/** The services that tokens are for, by their scope without `/.default`. */
const RESOURCES: ReadonlySet<string> = new Set(['https://vault.azure.net', 'https://managedhsm.azure.net']);

export interface DirectoryOptions {
  /** UUID */
  readonly tenant: string;
  readonly issuers: readonly IdentityIssuer[];
  readonly now: () => Date;
}

interface AccessToken {
  readonly client: string;
  readonly resource: string;
  readonly expiresAt: number;
}

export interface LoginResponse {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
}

/** A directory of Microsoft Entra: applications with federated credentials, and the access tokens that it issued. */
export class AzureDirectory {
  readonly tenant: string;
  readonly #options: DirectoryOptions;
  readonly #applications = new Map<string, FederatedCredential[]>();
  readonly #tokens = new Map<string, AccessToken>();

  constructor(options: DirectoryOptions) {
    this.tenant = options.tenant;
    this.#options = options;
  }

  /** Lets the tokens of one issuer and subject log in as an application, which is created by its first credential. */
  addFederatedCredential(client: string, credential: FederatedCredential): void {
    const credentials = this.#applications.get(client) ?? [];
    if (credentials.length >= MAX_CREDENTIALS) {
      throw new Error(`expected at most ${MAX_CREDENTIALS} federated credentials of an application, got one more`);
    }
    if (credentials.some(({ issuer, subject }) => issuer === credential.issuer && subject === credential.subject)) {
      throw new Error('expected one federated credential for an issuer and subject, got a second');
    }
    this.#applications.set(client, [...credentials, credential]);
  }

  /** Invalidates every access token: the next call with one gets the status 401. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** Exchanges a client assertion for an access token, as `POST /TENANT/oauth2/v2.0/token`. Throws `LoginError`. */
  async login(tenant: string, form: URLSearchParams): Promise<LoginResponse> {
    if (tenant !== this.tenant) throw loginErrors.tenantNotFound(tenant);
    const field = (name: string): string => {
      const value = form.get(name);
      if (!value) throw loginErrors.parameterMissing(name);
      return value;
    };
    if (field('grant_type') !== 'client_credentials') throw loginErrors.unsupportedGrant();
    const resource = resourceOf(field('scope'));
    const client = field('client_id');
    const credentials = this.#applications.get(client);
    if (credentials === undefined) throw loginErrors.applicationNotFound(client);
    if (field('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') {
      throw loginErrors.parameterMissing('client_assertion_type');
    }
    await requireAssertion(field('client_assertion'), credentials, this.#options.issuers, this.#options.now());
    return this.#issue(client, resource);
  }

  /**
   * Returns the client id of the application that an `Authorization` header proves. Throws `Unauthorized` with a challenge
   * that names the login service, which clients follow to learn the tenant and the scope.
   */
  authenticate(authorization: string | undefined, resource: string): string {
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${this.tenant}", resource="${resource}"`;
    const [, presented] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? [];
    if (presented === undefined) {
      throw azureErrors.unauthorized('AKV10000: Request is missing a Bearer or PoP token.', challenge);
    }
    const token = this.#tokens.get(presented);
    if (token === undefined || token.expiresAt <= this.#options.now().getTime()) {
      throw azureErrors.unauthorized('[TokenExpired] Error validating token.', challenge);
    }
    if (token.resource !== resource) {
      throw azureErrors.unauthorized(
        `AKV10022: Invalid audience. Expected ${resource}, found: ${token.resource}.`,
        challenge,
      );
    }
    return token.client;
  }

  #issue(client: string, resource: string): LoginResponse {
    const now = this.#options.now().getTime();
    for (const [token, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(token);
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#tokens.set(token, { client, resource, expiresAt: now + TOKEN_SECONDS * 1_000 });
    return { token_type: 'Bearer', expires_in: TOKEN_SECONDS, ext_expires_in: TOKEN_SECONDS, access_token: token };
  }
}

/** Clients may add scopes of OpenID beside the one of a resource. */
function resourceOf(scope: string): string {
  const resources = scope
    .split(' ')
    .filter((each) => each.endsWith('/.default'))
    .map((each) => each.slice(0, -'/.default'.length));
  const [resource] = resources;
  if (resource === undefined || resources.length > 1 || !RESOURCES.has(resource)) throw loginErrors.invalidScope(scope);
  return resource;
}
