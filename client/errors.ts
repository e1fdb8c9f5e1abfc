import type { ErrorCode } from '../lambda/contract/codes';

/** The codes that only the client gives: what happened between it and the vault. */
export type ClientErrorCode =
  /** no response came: the network, Lambda itself or a time limit; the call may have been carried out */
  | 'TransportFailed'
  /** Lambda asks to slow down */
  | 'InvokeThrottled'
  /** Lambda did not run the function: no permission, no such function or actor, no credentials */
  | 'InvokeRefused'
  /** the function ran out of time or memory, or broke before it could say why; the call may have been carried out */
  | 'FunctionFailed'
  /** the function threw an error whose name this client does not know: a newer vault, or no vault */
  | 'UnknownError'
  /** a response came that is not one to this question: nothing of it was handed out */
  | 'ResponseRejected';

interface Details {
  /** whether the same request may succeed later */
  readonly retryable?: boolean;
  /** Lambda's request id: joins the call with the access log, CloudTrail and the function's log */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The one class with which a call of `ShareVaultClient` fails, but for `TypeError` and `RangeError` on arguments, which
 * are thrown before anything is sent, and the reason of an aborted signal. Branch on `code`. It never holds a material.
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

  /** The same error, of the call with this request id. */
  withRequestId(requestId: string | undefined): ShareVaultError {
    const { code, message, retryable, cause } = this;
    return new ShareVaultError(code, message, { retryable, requestId, cause });
  }
}
