import { AwsError } from '../errors';

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
export class LambdaError extends AwsError {
  declare readonly name: keyof typeof STATUS;
  /** TooManyRequestsException only: the limit that was met */
  readonly reason: string | undefined;

  constructor(name: keyof typeof STATUS, message: string, reason?: string) {
    super(name, message, STATUS[name]);
    this.reason = reason;
  }
}

/** Returns the body that AWS sends: `message` in some services' spelling and `Message` in others', so both. */
export function errorBody(error: AwsError): string {
  const { status, message } = error;
  const Reason = error instanceof LambdaError ? error.reason : undefined;
  return JSON.stringify({ Type: status >= 500 ? 'Service' : 'User', Reason, message, Message: message });
}
