import { setTimeout as wait } from 'node:timers/promises';
import { VaultError } from '../contract/errors';
import { wipe } from '../contract/bytes';
import { LONGEST_MS, MAX_ATTEMPTS, SHORTEST_MS } from '../invocation/attempt-limits';
import { remainingMs } from '../invocation/deadline';
import { connectionFailure } from './failure';
import { type RemoteRequest, type RemoteResponse, sendOnce } from './request';

const BACKOFF_MS = 50;
/** `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date, which `Date.parse` would also read in other texts. */
const SECONDS = /^\d{1,9}$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** HashiCorp Vault has these for nodes that can't respond yet. */
const OF_NODES: readonly number[] = [412, 472, 473];

/**
 * Sends a request, up to three times if the service is overloaded, fails, or can't be reached, with a jittered backoff
 * or after the time that `Retry-After` names, within the signal's time. Returns the last response, of any status but a
 * redirect: callers map its status. Throws `KeyTimeout`, `KeyUnreachable`, and `KeyThrottled` if `Retry-After` is beyond
 * the time left.
 *
 * @param more - further statuses that another attempt may heal
 */
export async function sendRemote(
  request: RemoteRequest,
  signal: AbortSignal,
  more: readonly number[] = OF_NODES,
): Promise<RemoteResponse> {
  const retryable = (status: number): boolean => status === 429 || status >= 500 || more.includes(status);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await sendWithin(request, signal, attempt);
    const last = attempt === MAX_ATTEMPTS;
    if (outcome instanceof VaultError) {
      if (last || signal.aborted || !mayHeal(outcome)) throw outcome;
      await pause(backoffMs(attempt), request, signal);
    } else {
      if (last || !retryable(outcome.status)) {
        return requireNoRedirect({ ...outcome, attempts: attempt }, request);
      }
      wipe(outcome.body);
      const asked = retryAfterMs(outcome, request, signal);
      await pause(Math.max(asked, backoffMs(attempt)), request, signal);
    }
  }
}

/** A response that is too long is not asked for again; its error has no cause. */
const mayHeal = (error: VaultError): boolean => error.cause !== undefined;

/** Each attempt has an equal share of the time left. */
async function sendWithin(
  request: RemoteRequest,
  signal: AbortSignal,
  attempt: number,
): Promise<RemoteResponse | VaultError> {
  const share = remainingMs(signal) / (MAX_ATTEMPTS - attempt + 2);
  const limit = new AbortController();
  // cleared: the timer of `AbortSignal.timeout` would end each attempt later, those that succeeded too
  const timer = setTimeout(() => limit.abort(), Math.min(LONGEST_MS, Math.max(SHORTEST_MS, share)));
  try {
    signal.throwIfAborted();
    return await sendOnce(request, AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    return connectionFailure(error, request.service, signal.aborted || limit.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

function requireNoRedirect(response: RemoteResponse, { service }: RemoteRequest): RemoteResponse {
  if (response.status < 300 || response.status > 399) return response;
  wipe(response.body);
  throw new VaultError('KeyUnreachable', `expected a response of ${service}, got a redirect`);
}

const backoffMs = (attempt: number): number => BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2);

/** Returns the time that the service asks for, 0 if it asks for none. Throws `KeyThrottled` if it is not left. */
function retryAfterMs({ headers, status }: RemoteResponse, { service }: RemoteRequest, signal: AbortSignal): number {
  const text = headers['retry-after'] ?? '';
  const ms = SECONDS.test(text) ? Number(text) * 1_000 : HTTP_DATE.test(text) ? Date.parse(text) - Date.now() : 0;
  // not a number: a date that does not exist
  if (!(ms > 0)) return 0;
  if (ms < remainingMs(signal)) return ms;
  const code = status === 429 ? 'KeyThrottled' : 'KeyUnreachable';
  throw new VaultError(code, `${service} asks to try again after more time than is left`);
}

async function pause(ms: number, { service }: RemoteRequest, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (cause) {
    throw new VaultError('KeyTimeout', `${service} did not respond in the time left`, { cause });
  }
}
