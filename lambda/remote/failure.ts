import type { ErrorCode } from '../contract/codes';
import { VaultError } from '../contract/errors';

/** Returns the vault's error for a request that got no response, by the error of Node. */
export function connectionFailure(error: unknown, service: string, timedOut: boolean): VaultError {
  if (error instanceof VaultError) return error;
  if (timedOut) return new VaultError('KeyTimeout', `${service} did not respond in the time left`, { cause: error });
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  return new VaultError('KeyUnreachable', `no connection to ${service}: ${code}`, { cause: error });
}

/**
 * Returns the vault's error for a response of a status that the caller gives no meaning of its own. A body is never
 * quoted: it may hold the request.
 */
export function statusFailure(service: string, status: number): VaultError {
  const code: ErrorCode = status === 429 ? 'KeyThrottled' : isFailing(status) ? 'KeyUnreachable' : 'KeyUnavailable';
  return new VaultError(code, `expected ${service} to do as asked, got status ${status}`);
}

const isFailing = (status: number): boolean => status >= 500 || [412, 472, 473].includes(status);

/** Returns the vault's error for a response that is not of the documented shape. */
export function shapeFailure(service: string, expected: string): VaultError {
  return new VaultError('KeyUnreachable', `expected ${expected} in the response of ${service}, got something else`);
}
