import { type Deadline, deadlineIn, withinMs } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import type { ReadVersions, SecretVersions } from './secret-versions';

/** How long a read value is used without another read. */
const CACHE_TTL_MS = 300_000;
/** How long a cached secret is used if a refresh fails. */
const STALE_IF_ERROR_MS = 3_600_000;
/** Minimum time between two reads while a value is cached: a stranger's signatures must not cause a call each. */
const MIN_REFRESH_MS = 1_000;
/** How long a delivery waits for a refresh while an old value can be used. */
const REFRESH_WAIT_MS = 1_000;
/** How long the previous value is accepted after a new one: Dynamic's retries take 25 h. */
const PREVIOUS_VALUE_MS = 26 * 3_600_000;

/** A read in progress. */
interface Reading {
  readonly ended: Promise<void>;
  stop(): void;
}

/** The webhook's signing secret, read from Secrets Manager and cached; one for each execution environment. */
export class SigningSecret {
  readonly #read: ReadVersions;
  readonly #now: () => number;
  #cached: { readonly versions: SecretVersions; readonly at: number } | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: Reading | undefined;

  /** `now` in milliseconds since 1970. */
  constructor(read: ReadVersions, now: () => number = Date.now) {
    this.#read = read;
    this.#now = now;
  }

  /** Returns the accepted secrets, the current one first. Throws `SecretUnavailable`. */
  async accepted(deadline: Deadline): Promise<readonly Uint8Array[]> {
    if (!this.#isYounger(CACHE_TTL_MS)) await this.#renew(deadline);
    return this.#acceptedNow();
  }

  /** Returns the same after a refresh, unless the last one was a moment ago. */
  async renewed(deadline: Deadline): Promise<readonly Uint8Array[]> {
    await this.#renew(deadline);
    return this.#acceptedNow();
  }

  #isYounger(milliseconds: number): boolean {
    return this.#cached !== undefined && this.#since(this.#cached.at) < milliseconds;
  }

  /** Returns the time passed; infinity if the clock was set back, or a value would stay fresh for that time too. */
  #since(time: number): number {
    const elapsed = this.#now() - time;
    return elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed;
  }

  #acceptedNow(): readonly Uint8Array[] {
    if (this.#cached === undefined) throw unavailable();
    const { current, createdAt, previous } = this.#cached.versions;
    return previous !== undefined && this.#now() - createdAt.getTime() < PREVIOUS_VALUE_MS
      ? [current, previous]
      : [current];
  }

  /** Reads the secret again. If that fails, keeps the cached value for as long as it may be used. */
  async #renew(deadline: Deadline): Promise<void> {
    const isUsable = this.#isYounger(STALE_IF_ERROR_MS);
    if (isUsable && this.#since(this.#triedAt) < MIN_REFRESH_MS) return;
    const waitMs = Math.min(deadline.remainingMs(), isUsable ? REFRESH_WAIT_MS : Number.POSITIVE_INFINITY);
    const reading = (this.#reading ??= this.#begin(waitMs));
    try {
      await withinMs(waitMs, reading.ended, unavailable);
    } catch (error) {
      if (!this.#isYounger(STALE_IF_ERROR_MS)) throw unavailable(error);
    } finally {
      // a hanging read ends here, and the next delivery does not wait for it
      reading.stop();
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** Starts a read that all waiting deliveries share; it ends with the first of them: Lambda runs one at a time. */
  #begin(milliseconds: number): Reading {
    this.#triedAt = this.#now();
    const stopping = new AbortController();
    const { signal } = deadlineIn(milliseconds, stopping.signal);
    return { ended: this.#load(signal), stop: () => stopping.abort() };
  }

  async #load(signal: AbortSignal): Promise<void> {
    const versions = await this.#read(signal);
    if (signal.aborted) return;
    // a secret without a value is no failed read: the former value is dropped
    this.#cached = versions && { versions, at: this.#now() };
  }
}

function unavailable(cause?: unknown): VaultError {
  return new VaultError('SecretUnavailable', 'expected the signing secret, got none', { cause });
}
