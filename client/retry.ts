import { promises as timers } from 'node:timers';
import { ShareVaultError } from './errors';

export interface RetryPolicy {
  /** maximum number of attempts, the first included */
  readonly attempts: number;
  /** milliseconds before the second attempt; doubled before each further one */
  readonly backoffMs: number;
}

/** Milliseconds: no backoff is longer. */
const MAX_BACKOFF_MS = 5_000;

/**
 * Makes attempts until one succeeds, fails permanently, or was the last. An abort ends the backoff, with the signal's
 * reason.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let made = 1; ; made++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const again = error instanceof ShareVaultError && error.retryable && made < policy.attempts;
      if (!again) throw error;
    }
    await backOff(policy.backoffMs * 2 ** (made - 1), signal);
  }
}

/** Waits for half of the time and a random part of the other half, so that callers that failed together spread out. */
async function backOff(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const longest = Math.min(milliseconds, MAX_BACKOFF_MS);
  try {
    await timers.setTimeout((longest * (1 + Math.random())) / 2, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
