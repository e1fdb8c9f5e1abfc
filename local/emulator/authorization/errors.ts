/** What went wrong with a question itself: none of these is a decision, and each has to end as a refusal. */
export type AuthorizationErrorCode =
  /** the package that evaluates policies isn't installed */
  | 'SimulatorMissing'
  /** a policy that AWS would not have taken, or that can't be evaluated here */
  | 'PolicyInvalid'
  /** a request that can't be evaluated whole */
  | 'RequestInvalid'
  /** an operation whose action and resource are not written down here */
  | 'OperationUnknown';

/** Not a deny: the question could not be answered. Callers refuse, and say so. */
export class AuthorizationError extends Error {
  override readonly name: AuthorizationErrorCode;

  constructor(code: AuthorizationErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = code;
  }
}
