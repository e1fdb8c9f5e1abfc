import type { ErrorCode } from './codes';

/**
 * The one class that the runtime throws. Its `name` is a stable code on which Lambda, Step Functions and the client
 * branch. Messages are lower case, without a period, say what was expected and what came, and never hold a value
 * that could be secret: callers see them and logs keep them. What was caught travels as `cause` and leaves with nobody.
 */
export class VaultError extends Error {
  override readonly name: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = code;
  }
}
