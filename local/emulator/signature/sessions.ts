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
  /** 1 to 43200, as long as AWS gives at most */
  readonly seconds: number;
}

const MAX_SECONDS = 43_200;
/** For so long after its end a session is called expired; then it is nobody's. */
const REMEMBERED_MS = 3_600_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Session credentials as AWS STS issues them: random, opaque, for a while, in memory alone. */
export class Sessions implements Credentials {
  readonly #sessions = new Map<string, Session>();
  readonly now: Clock;

  constructor(now: Clock = Date.now) {
    this.now = now;
  }

  /** Makes new credentials. Throws `RangeError` where they would last for no time, or for too long. */
  issue(principal: Principal, { seconds }: SessionOptions): Session {
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
      throw new RangeError(`expected a session of 1 to ${MAX_SECONDS} seconds, got ${seconds}`);
    }
    this.#forget();
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

  #forget(): void {
    for (const [accessKeyId, { expiresAt }] of this.#sessions) {
      if (expiresAt + REMEMBERED_MS < this.now()) this.#sessions.delete(accessKeyId);
    }
  }
}

/** `ASIA`, as all temporary ones begin, and 16 characters. */
function newAccessKeyId(): string {
  return `ASIA${Array.from(randomBytes(16), (byte) => BASE32.charAt(byte & 31)).join('')}`;
}
