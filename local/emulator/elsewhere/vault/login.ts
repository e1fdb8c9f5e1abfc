import type { Input } from './engine';
import type { TokenGrant } from './tokens';

/** One mount of a login method, such as `auth/jwt`. */
export interface LoginMethod {
  /** Returns what the caller gets a token for. Throws `VaultRefusal`. */
  login(input: Input): Promise<TokenGrant>;
}

/** What each role of a login method has. */
export interface LoginRole {
  /** names of the policies */
  readonly policies: readonly string[];
  /** lifetime of the tokens, in seconds */
  readonly ttl: number;
}
