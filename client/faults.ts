import { ERROR_CODES, RETRYABLE_CODES } from '../lambda/contract/codes';
import { ShareVaultError } from './errors';

/** For messages: `function share-vault-unseal as actor signer`. */
export interface Target {
  readonly functionName: string;
  readonly actor: string;
}

/** Characters of a function's own message that are kept. */
const MAX_MESSAGE_CHARS = 1_000;
/** Errors of Lambda itself, for a function that ended without a response. */
const RUNTIME_FAILURE = /^(Runtime|Sandbox|Extension|Function)\.|^$/;

/** The beginning of the SDK's messages for a missing and a malformed region: they have no names. */
export const NO_REGION = /^Region (is missing|not accepted)/;

/** Returns a function's error, read from Lambda's payload (`errorType`, `errorMessage`). */
export function functionFault(payload: unknown, requestId: string | undefined): ShareVaultError {
  const { errorType, errorMessage } = readFault(payload);
  const code = ERROR_CODES.find((known) => known === errorType);
  if (code !== undefined) {
    return new ShareVaultError(code, errorMessage, { retryable: RETRYABLE_CODES.has(code), requestId });
  }
  if (RUNTIME_FAILURE.test(errorType)) {
    // it may have acted before it ended, so the same request is sent again
    return new ShareVaultError('FunctionFailed', `expected a response, got ${errorMessage}`, {
      retryable: true,
      requestId,
    });
  }
  return new ShareVaultError('UnknownError', `expected a known error, got ${errorType}: ${errorMessage}`, {
    requestId,
  });
}

function readFault(payload: unknown): { readonly errorType: string; readonly errorMessage: string } {
  const fault: { errorType?: unknown; errorMessage?: unknown } = isObject(payload) ? payload : {};
  return {
    errorType: printable(fault.errorType) ?? '',
    errorMessage: printable(fault.errorMessage) ?? 'an error without a message',
  };
}

/** Returns the text as one line: a function's message ends up in its caller's log. */
function printable(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text.slice(0, MAX_MESSAGE_CHARS).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Converts an error of the SDK: a service exception, a broken connection, no credentials. */
export function invokeFault(error: unknown, target: Target): ShareVaultError {
  const { name, message, code, status, requestId } = readSdkError(error);
  const who = `function ${target.functionName} as actor ${target.actor}`;
  const got = status === undefined ? (code ?? name) : `${name}, status ${status}`;
  const refused = (expected: string): ShareVaultError =>
    new ShareVaultError('InvokeRefused', `expected ${expected}, got ${got}`, { requestId, cause: error });
  const failed = (errorCode: 'TransportFailed' | 'InvokeThrottled'): ShareVaultError =>
    new ShareVaultError(errorCode, `expected a response of ${who}, got ${got}`, {
      retryable: true,
      requestId,
      cause: error,
    });

  if (isCorrectedClock(error)) {
    // refused before it ran: this machine's clock is wrong, and the SDK has measured by how much
    return new ShareVaultError('InvokeRefused', `expected a clock that agrees with Lambda's, got ${got}`, {
      retryable: true,
      requestId,
      cause: error,
    });
  }
  if (name === 'TooManyRequestsException' || status === 429) return failed('InvokeThrottled');
  if (name.startsWith('AccessDenied')) return refused(`to be allowed to invoke ${who}`);
  if (name === 'ResourceNotFoundException') return refused(`${who} to exist`);
  if (NO_REGION.test(String(message))) return refused(`a region to invoke ${who} in`);
  // nothing was sent
  if (name === 'EndpointError') return refused(`an endpoint to invoke ${who} at`);
  if (name === 'CredentialsProviderError') return refused(`credentials to invoke ${who}`);
  // an operator has to fix some of Lambda's 5xx: the function's key, its code, its runtime
  const permanent = /^(KMS|Invalid)/.test(name) || (status !== undefined && status < 500 && status >= 400);
  if (permanent) return refused(`to invoke ${who}`);
  // any other failure may have happened after the call took effect
  return failed('TransportFailed');
}

/**
 * Whether the SDK would sign again: it has measured another clock by the response's `Date`, or the request waited too
 * long to be sent, as in a process that was frozen.
 */
function isCorrectedClock(error: unknown): boolean {
  const { $metadata: metadata }: { $metadata?: unknown } = isObject(error) ? error : {};
  const corrected = isObject(metadata) && 'clockSkewCorrected' in metadata && metadata.clockSkewCorrected === true;
  const { name, message } = readSdkError(error);
  return corrected || (name === 'InvalidSignatureException' && String(message).includes('Signature expired'));
}

export interface SdkError {
  readonly name: string;
  readonly message: unknown;
  /** a system error's, such as `ECONNRESET` */
  readonly code: string | undefined;
  /** HTTP */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
}

export function readSdkError(error: unknown): SdkError {
  const given: { name?: unknown; message?: unknown; code?: unknown; $metadata?: unknown } = isObject(error)
    ? error
    : {};
  const metadata: { httpStatusCode?: unknown; requestId?: unknown } = isObject(given.$metadata) ? given.$metadata : {};
  return {
    name: typeof given.name === 'string' ? given.name : 'an unknown error',
    message: given.message,
    code: typeof given.code === 'string' ? given.code : undefined,
    status: typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined,
    requestId: typeof metadata.requestId === 'string' ? metadata.requestId : undefined,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
