import { VaultError } from '../contract/errors';
import type { RemoteResponse } from './request';
import { wipe } from '../contract/bytes';

/** A token of a service. It is never logged. */
export interface Token {
  readonly value: string;
  /** milliseconds since 1970 */
  readonly expiresAt: number;
}

/** The characters of a bearer token (RFC 6750, section 2.1). */
export const BEARER_PATTERN = /^[\w.~+/-]{1,16384}=*$/;

/** A token is renewed this long before its end, in milliseconds: a call that began with it must be able to end with it. */
const MARGIN_MS = 60_000;

/** Keeps a token until shortly before its end. Calls that need one at the same time share one login. */
export class TokenCache {
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;
  #marginMs = 0;

  /** @param login gets a new token; throws `VaultError` */
  constructor(private readonly login: (signal: AbortSignal) => Promise<Token>) {}

  async get(signal: AbortSignal): Promise<string> {
    const token = this.#token;
    if (token !== undefined && Date.now() < token.expiresAt - this.#marginMs) return token.value;
    const shared = this.#pending;
    if (shared === undefined) return (await this.#logIn(signal)).value;
    try {
      return (await shared).value;
    } catch (error) {
      // the login of another call ended with that call's time
      if (signal.aborted || !(error instanceof VaultError) || error.name !== 'KeyTimeout') throw error;
      return (await this.#logIn(signal)).value;
    }
  }

  /** Forgets a token that a service refused, unless it was renewed meanwhile. */
  drop(value: string): void {
    if (this.#token?.value === value) this.#token = undefined;
  }

  async #logIn(signal: AbortSignal): Promise<Token> {
    const pending = this.login(signal);
    this.#pending = pending;
    try {
      const token = await pending;
      this.#token = token;
      // of a short lifetime, a part
      this.#marginMs = Math.min(MARGIN_MS, (token.expiresAt - Date.now()) / 4);
      return token;
    } finally {
      if (this.#pending === pending) this.#pending = undefined;
    }
  }
}

/**
 * Sends a request with a token. If the service refuses the token, logs in and sends it once more: a token can end before
 * its time. Returns the second response, of any status.
 */
export async function sendWithToken(
  cache: TokenCache,
  signal: AbortSignal,
  send: (token: string) => Promise<RemoteResponse>,
  refused: (response: RemoteResponse) => boolean,
): Promise<RemoteResponse> {
  const token = await cache.get(signal);
  const response = await send(token);
  if (!refused(response)) return response;
  wipe(response.body);
  cache.drop(token);
  return send(await cache.get(signal));
}
