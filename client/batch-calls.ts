import type { ItemFailed, Settled } from './batch';
import { ShareVaultError } from './errors';
import { type RetryPolicy, withRetries } from './retry';

/** Sends requests in one call and returns their outcomes in order. Throws if the call as a whole fails. */
type Call<R, T> = (requests: readonly R[]) => Promise<readonly Settled<T>[]>;

/** Calls of one batch that run at the same time. */
const CONCURRENT_CALLS = 2;

/** Sends a batch in groups, each in a call of its own, a few at the same time. Returns the outcomes by request. */
export async function settleGroups<R, T>(
  groups: readonly (readonly R[])[],
  call: Call<R, T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<R, Settled<T>>> {
  const outcomes = new Map<R, Settled<T>>();
  const waiting = groups.values();
  const work = async (): Promise<void> => {
    for (const group of waiting) {
      for (const [request, outcome] of await settleGroup(group, call, policy, signal)) outcomes.set(request, outcome);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_CALLS }, work));
  return outcomes;
}

/**
 * Sends requests until each has succeeded, failed permanently, or failed in the last attempt. Never throws: if a call fails
 * as a whole, after retries of its own, that is the failure of each item in it.
 */
async function settleGroup<R, T>(
  requests: readonly R[],
  call: Call<R, T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<R, Settled<T>>> {
  const outcomes = new Map<R, Settled<T>>();
  const failTheRest = (error: unknown): void => {
    for (const request of requests) if (!outcomes.has(request)) outcomes.set(request, { ok: false, error });
  };
  const sendOpen = async (): Promise<void> => {
    try {
      await sendUntilFit(
        requests.filter((request) => isOpen(outcomes.get(request))),
        call,
        outcomes,
      );
    } catch (error) {
      failTheRest(error);
      return;
    }
    for (const outcome of outcomes.values()) if (isRetryable(outcome)) throw outcome.error;
  };
  // an abort: items without an outcome were not sent
  await withRetries(policy, signal, sendOpen).catch(failTheRest);
  return outcomes;
}

/** Sends requests, and those again that did not fit into the response, for as long as some fit. */
async function sendUntilFit<R, T>(
  requests: readonly R[],
  call: Call<R, T>,
  outcomes: Map<R, Settled<T>>,
): Promise<void> {
  for (let open = requests; open.length > 0;) {
    for (const request of open) outcomes.delete(request);
    const settled = await call(open);
    const left: R[] = [];
    for (const [at, request] of open.entries()) {
      const outcome = settled[at];
      if (outcome === undefined) continue;
      outcomes.set(request, outcome);
      if (codeOf(outcome) === 'BatchTooLarge') left.push(request);
    }
    if (left.length === open.length) return;
    open = left;
  }
}

function isOpen(outcome: Settled<unknown> | undefined): boolean {
  return outcome === undefined || isRetryable(outcome);
}

function isRetryable(outcome: Settled<unknown>): outcome is ItemFailed {
  return !outcome.ok && outcome.error instanceof ShareVaultError && outcome.error.retryable;
}

function codeOf(outcome: Settled<unknown>): string | undefined {
  return !outcome.ok && outcome.error instanceof ShareVaultError ? outcome.error.code : undefined;
}
