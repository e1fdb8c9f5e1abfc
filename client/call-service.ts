import { ShareVaultError } from './errors';
import { NO_REGION, readSdkError } from './faults';
import { type RetryPolicy, withRetries } from './retry';

type Code = ShareVaultError['code'];

/** A call of a service other than Lambda. */
export interface ServiceCall<T> {
  /** its purpose, for errors, such as `the public half of K (kms:GetPublicKey)` */
  readonly expected: string;
  readonly codes: {
    readonly throttled: Code;
    /** it failed, or there was no response in time */
    readonly unreachable: Code;
    /** not allowed, not found, no credentials */
    readonly refused: Code;
  };
  readonly signal?: AbortSignal | undefined;
  readonly send: (abortSignal: AbortSignal) => Promise<T>;
}

/** Milliseconds of one attempt. */
const TIMEOUT_MS = 10_000;
const RETRY: RetryPolicy = { attempts: 3, backoffMs: 200 };

/** Makes a call of the SDK. Throws `ShareVaultError` with the error's name, since its message may quote the request. */
export function callService<T>(call: ServiceCall<T>): Promise<T> {
  return withRetries(RETRY, call.signal, () => attempt(call));
}

async function attempt<T>({ expected, codes, signal, send }: ServiceCall<T>): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await send(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal?.throwIfAborted();
    const cause: unknown = timeout.aborted ? timeout.reason : error;
    const { name, code, message, status, requestId } = readSdkError(cause);
    const fault = (as: Code, retryable: boolean): ShareVaultError => {
      const got = NO_REGION.test(String(message)) ? 'no region that can be used' : (code ?? name);
      return new ShareVaultError(as, `expected ${expected}, got ${got}`, { retryable, requestId, cause });
    };
    if (status === 429 || /Throttl|TooManyRequests/.test(name)) throw fault(codes.throttled, true);
    const isRefused = name === 'CredentialsProviderError' || NO_REGION.test(String(message));
    if (isRefused || (status !== undefined && status < 500)) throw fault(codes.refused, false);
    throw fault(codes.unreachable, true);
  }
}
