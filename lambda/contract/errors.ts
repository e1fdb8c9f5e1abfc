import type { ErrorCode } from './codes';

/**
 * The only class that the runtime throws. Its `name` is a stable code; Lambda, Step Functions and the client branch on
 * it. A message is lower case, without a period, in the form "expected …, got …". It never holds a value that could be
 * secret: callers see it and logs store it. The caught error is the `cause`, and never leaves the function.
 */
export class VaultError extends Error {
  override readonly name: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = code;
  }
}
