import { randomBytes } from 'node:crypto';
import type { Clock } from '../../signature';
import { GoogleError } from './google-error';
import type { Identity } from './pool';

/** The scope of all APIs; others are of one. */
const EVERYTHING = 'https://www.googleapis.com/auth/cloud-platform';
const BEARER = /^Bearer (\S+)$/;

export interface AccessToken {
  readonly value: string;
  /** 1 hour, as Google's */
  readonly seconds: number;
}

interface Session {
  readonly identity: Identity;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: number;
}

/** Issues opaque access tokens and keeps them only in memory. */
export class AccessTokens {
  readonly #sessions = new Map<string, Session>();
  readonly #now: Clock;
  /** lifetime of the tokens that are issued from now on */
  seconds = 3_600;

  constructor(now: Clock) {
    this.#now = now;
  }

  issue(identity: Identity, scopes: readonly string[]): AccessToken {
    const value = `ya29.${randomBytes(96).toString('base64url')}`;
    const expiresAt = this.#now() + this.seconds * 1_000;
    this.#sessions.set(value, { identity, scopes: new Set(scopes), expiresAt });
    return { value, seconds: this.seconds };
  }

  /** Ends all tokens. */
  revokeAll(): void {
    this.#sessions.clear();
  }

  /**
   * Returns who sent a request. Throws `UNAUTHENTICATED` without a valid token, `PERMISSION_DENIED` if the token is for
   * other APIs.
   *
   * @param authorization the header
   * @param scope of the API: `https://www.googleapis.com/auth/cloudkms`
   */
  require(authorization: string | undefined, scope: string): Identity {
    const [, value = ''] = BEARER.exec(authorization ?? '') ?? [];
    const session = this.#sessions.get(value);
    if (session === undefined || session.expiresAt <= this.#now()) {
      const message = 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.'; // prettier-ignore
      throw new GoogleError('UNAUTHENTICATED', message);
    }
    if (session.scopes.has(scope) || session.scopes.has(EVERYTHING)) return session.identity;
    throw new GoogleError('PERMISSION_DENIED', 'Request had insufficient authentication scopes.');
  }
}
