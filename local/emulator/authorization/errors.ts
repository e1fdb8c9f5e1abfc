/** The reasons for not deciding a request. None of them is a decision, so the caller must refuse the request. */
export type AuthorizationErrorCode =
  /** the policy simulator isn't installed */
  | 'SimulatorMissing'
  /** AWS would reject the policy, or it can't be evaluated here */
  | 'PolicyInvalid'
  /** a part of the request can't be evaluated */
  | 'RequestInvalid'
  /** `awsActions` doesn't list the operation */
  | 'OperationUnknown';

/** Reports that a request could not be decided. This is not a deny. Callers refuse the request and report the error. */
export class AuthorizationError extends Error {
  override readonly name: AuthorizationErrorCode;

  constructor(code: AuthorizationErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = code;
  }
}
