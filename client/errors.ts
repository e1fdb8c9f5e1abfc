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
  | 'ResponseRejected'
  /** the vault's parameters can't be read, or one is missing or malformed */
  | 'LookupFailed';

/** The same in every copy of the package: a process may have two, one of ES modules and one of CommonJS. */
const BRAND = Symbol.for('share-vault.ShareVaultError');
const NAME = 'ShareVaultError';

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
    // a minifier renames the class, and the inspector prints that name
    Object.defineProperty(this, 'name', { value: NAME });
    // on the prototype, so that the inspector does not list them
    Object.defineProperty(this.prototype, 'name', { value: NAME, writable: true, configurable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Returns true for the errors of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const branded = typeof value === 'object' && value !== null && BRAND in value;
    return this === ShareVaultError ? branded : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  readonly code: ErrorCode | ClientErrorCode;
  readonly retryable: boolean;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode | ClientErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.requestId = details.requestId;
    this.#nameCodeInStack();
  }

  override toString(): string {
    return `${NAME} [${this.code}]: ${this.message}`;
  }

  /** Returns the same error with a request id. */
  withRequestId(requestId: string | undefined): ShareVaultError {
    const { code, message, retryable, cause } = this;
    return new ShareVaultError(code, message, { retryable, requestId, cause });
  }

  /** Begins the stack with the code, as Node's own errors do: V8 writes the name that the error has when it is read first. */
  #nameCodeInStack(): void {
    Object.defineProperty(this, 'name', { value: `${NAME} [${this.code}]`, configurable: true });
    Error.captureStackTrace(this, ShareVaultError);
    Object.defineProperty(this, 'stack', { value: this.stack, writable: true, configurable: true });
    Reflect.deleteProperty(this, 'name');
  }
}
