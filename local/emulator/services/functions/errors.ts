/** Codes of AWS Lambda's Invoke, with the HTTP status of each. */
const STATUS = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  ResourceNotFoundException: 404,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
  ServiceException: 500,
  EC2AccessDeniedException: 502,
} as const;

/** Why an invocation was refused before any handler saw it, in AWS's own terms. */
export class LambdaError extends Error {
  override readonly name: keyof typeof STATUS;
  readonly status: number;
  /** TooManyRequestsException alone: which limit was met */
  readonly reason: string | undefined;

  constructor(name: keyof typeof STATUS, message: string, reason?: string) {
    super(message);
    this.name = name;
    this.status = STATUS[name];
    this.reason = reason;
  }
}

/** The body that AWS sends: `message` in some services' spelling and `Message` in others', so both. */
export function errorBody(error: Error & { readonly status: number; readonly reason?: string | undefined }): string {
  const { status, reason: Reason, message } = error;
  return JSON.stringify({ Type: status >= 500 ? 'Service' : 'User', Reason, message, Message: message });
}
