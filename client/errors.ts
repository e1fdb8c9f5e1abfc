import type { ErrorCode } from '../lambda/contract/codes';

/** The codes of failures between the client and the vault. */
export type ClientErrorCode =
  /** no response came: a network error, an error of Lambda or a time limit; the call may have taken effect */
  | 'TransportFailed'
  /** Lambda asks to slow down */
  | 'InvokeThrottled'
  /** Lambda did not run the function: no permission, no such function or actor, no credentials */
  | 'InvokeRefused'
  /** the function ran out of time or memory, or crashed without an error of its own; the call may have taken effect */
  | 'FunctionFailed'
  /** the function threw an error with an unknown name: it is a newer vault, or no vault */
  | 'UnknownError'
  /** the response does not fit the request: nothing of it was returned */
  | 'ResponseRejected';

interface Details {
  /** whether the same request may succeed later */
  readonly retryable?: boolean;
  /** Lambda's request id: joins the call with the access log, CloudTrail and the function's log */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The error of a failed call of `ShareVaultClient`. Branch on `code`. It never holds a material. A call throws two other
 * errors: `TypeError` or `RangeError` for an argument, before anything is sent, and the reason of an aborted signal.
 */
export class ShareVaultError extends Error {
  static {
    // on the prototype: it survives minifying, and the inspector does not list it twice
    this.prototype.name = 'ShareVaultError';
  }

  readonly code: ErrorCode | ClientErrorCode;
  readonly retryable: boolean;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode | ClientErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.requestId = details.requestId;
  }

  /** Returns the same error with a request id. */
  withRequestId(requestId: string | undefined): ShareVaultError {
    const { code, message, retryable, cause } = this;
    return new ShareVaultError(code, message, { retryable, requestId, cause });
  }
}
