import { randomBytes } from 'node:crypto';
import type { Clock, Credential, Credentials, Principal } from './credential';

/** A role's temporary credentials. */
export interface Session extends Credential {
  readonly sessionToken: string;
  /** milliseconds since 1970: `aws:TokenIssueTime` */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface SessionOptions {
  /** 1 to 43200, AWS's maximum */
  readonly seconds: number;
}

const MAX_SECONDS = 43_200;
/** How long an expired session is still reported as expired. Later, its key is unknown. */
const EXPIRED_RETENTION_MS = 3_600_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Issues session credentials as AWS STS does: random, opaque and temporary. Keeps them only in memory. */
export class Sessions implements Credentials {
  readonly #sessions = new Map<string, Session>();
  readonly now: Clock;

  constructor(now: Clock = Date.now) {
    this.now = now;
  }

  /** Issues new credentials. Throws `RangeError` if the duration is out of range. */
  issue(principal: Principal, { seconds }: SessionOptions): Session {
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
      throw new RangeError(`expected a session of 1 to ${MAX_SECONDS} seconds, got ${seconds}`);
    }
    this.#removeExpired();
    const issuedAt = this.now();
    const session = {
      accessKeyId: newAccessKeyId(),
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(192).toString('base64'),
      issuedAt,
      expiresAt: issuedAt + seconds * 1000,
      principal,
    };
    this.#sessions.set(session.accessKeyId, session);
    return session;
  }

  find(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }

  #removeExpired(): void {
    for (const [accessKeyId, { expiresAt }] of this.#sessions) {
      if (expiresAt + EXPIRED_RETENTION_MS < this.now()) this.#sessions.delete(accessKeyId);
    }
  }
}

/** Returns `ASIA`, the prefix of all temporary keys, and 16 random characters. */
function newAccessKeyId(): string {
  return `ASIA${Array.from(randomBytes(16), (byte) => BASE32.charAt(byte & 31)).join('')}`;
}
