import { type Deadline, deadlineIn, withinMs } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import type { ReadVersions, SecretVersions } from './secret-versions';

/** For so long what was read is taken as it is, in milliseconds. */
const FRESH_MS = 300_000;
/** For so long it goes on serving where it can't be read again. */
const STANDING_MS = 3_600_000;
/** Reads are at least so far apart where something is at hand: a stranger's signatures must not become a call each. */
const PAUSE_MS = 1_000;
/** How long a delivery waits for a new value while an old one would do. */
const PATIENCE_MS = 1_000;
/** For so long after a new value came, a delivery may still be signed under the one before: Dynamic's retries take 25 h. */
const ROTATION_MS = 26 * 3_600_000;

/** A read that is under way. */
interface Reading {
  readonly ended: Promise<void>;
  stop(): void;
}

/** The webhook's signing secret, as Secrets Manager had it a while ago; one an execution environment. */
export class SigningSecret {
  readonly #read: ReadVersions;
  readonly #now: () => number;
  #held: { readonly versions: SecretVersions; readonly at: number } | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: Reading | undefined;

  /** `now` in milliseconds since 1970. */
  constructor(read: ReadVersions, now: () => number = Date.now) {
    this.#read = read;
    this.#now = now;
  }

  /** The secrets under which a delivery may be signed, the current one first. Throws `SecretUnavailable`. */
  async accepted(deadline: Deadline): Promise<readonly Uint8Array[]> {
    if (!this.#holds(FRESH_MS)) await this.#renew(deadline);
    return this.#inForce();
  }

  /** The same, read again unless that was done a moment ago. */
  async renewed(deadline: Deadline): Promise<readonly Uint8Array[]> {
    await this.#renew(deadline);
    return this.#inForce();
  }

  #holds(milliseconds: number): boolean {
    return this.#held !== undefined && this.#since(this.#held.at) < milliseconds;
  }

  /** Returns the time passed; infinity if the clock was set back, or a value would stay fresh for that time too. */
  #since(time: number): number {
    const elapsed = this.#now() - time;
    return elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed;
  }

  #inForce(): readonly Uint8Array[] {
    if (this.#held === undefined) throw unavailable();
    const { current, createdAt, previous } = this.#held.versions;
    return previous !== undefined && this.#now() - createdAt.getTime() < ROTATION_MS ? [current, previous] : [current];
  }

  /** Leaves what is held where it can't be read, as long as it may stand. */
  async #renew(deadline: Deadline): Promise<void> {
    const standing = this.#holds(STANDING_MS);
    if (standing && this.#since(this.#triedAt) < PAUSE_MS) return;
    const patience = Math.min(deadline.remainingMs(), standing ? PATIENCE_MS : Number.POSITIVE_INFINITY);
    const reading = (this.#reading ??= this.#begin(patience));
    try {
      await withinMs(patience, reading.ended, unavailable);
    } catch (error) {
      if (!this.#holds(STANDING_MS)) throw unavailable(error);
    } finally {
      // one that has hung goes on behind nobody's back, and the next delivery does not wait for it
      reading.stop();
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** One read for all who wait, which ends with the first of them: Lambda has one delivery at a time. */
  #begin(milliseconds: number): Reading {
    this.#triedAt = this.#now();
    const stopping = new AbortController();
    const { signal } = deadlineIn(milliseconds, stopping.signal);
    return { ended: this.#load(signal), stop: () => stopping.abort() };
  }

  async #load(signal: AbortSignal): Promise<void> {
    const versions = await this.#read(signal);
    if (signal.aborted) return;
    // a secret without a value is no failure to read it: what was there before does not stand
    this.#held = versions && { versions, at: this.#now() };
  }
}

function unavailable(cause?: unknown): VaultError {
  return new VaultError('SecretUnavailable', 'expected the signing secret, got none', { cause });
}
