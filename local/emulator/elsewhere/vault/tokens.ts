import { randomBytes } from 'node:crypto';

/** Milliseconds since 1970. */
export type Clock = () => number;

export interface TokenGrant {
  readonly policies: readonly string[];
  /** lifetime in seconds */
  readonly ttl: number;
  /** shown in the login's response */
  readonly role: string;
}

interface Token extends TokenGrant {
  readonly expiresAt: number;
}

/** The tokens of logins: batch tokens, which can't be renewed. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #now: Clock;

  constructor(now: Clock = Date.now) {
    this.#now = now;
  }

  issue(grant: TokenGrant): string {
    const token = `hvb.${randomBytes(64).toString('base64url')}`;
    this.#tokens.set(token, { ...grant, expiresAt: this.#now() + grant.ttl * 1_000 });
    return token;
  }

  /** Returns the names of a token's policies; `undefined` if the token is unknown or expired. */
  policiesOf(token: string): readonly string[] | undefined {
    const found = this.#tokens.get(token);
    return found && found.expiresAt > this.#now() ? found.policies : undefined;
  }

  /** Makes every token unknown, as Vault does when its key for batch tokens is replaced. */
  revokeAll(): void {
    this.#tokens.clear();
  }
}
