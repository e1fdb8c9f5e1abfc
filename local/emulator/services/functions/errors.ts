import { AwsError } from '../errors';

/** Error names of AWS Lambda's Invoke with their HTTP status. */
const STATUS = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  ResourceNotFoundException: 404,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
  ServiceException: 500,
  EC2AccessDeniedException: 502,
} as const;

/** Reports that an invocation was refused before a handler ran, under AWS's error name. */
export class LambdaError extends AwsError {
  declare readonly name: keyof typeof STATUS;
  /** the exceeded limit; only in a TooManyRequestsException */
  readonly reason: string | undefined;

  constructor(name: keyof typeof STATUS, message: string, reason?: string) {
    super(name, message, STATUS[name]);
    this.reason = reason;
  }
}

/** Returns the body that AWS sends. Some services spell `message`, others `Message`: it contains both. */
export function errorBody(error: AwsError): string {
  const { status, message } = error;
  const Reason = error instanceof LambdaError ? error.reason : undefined;
  return JSON.stringify({ Type: status >= 500 ? 'Service' : 'User', Reason, message, Message: message });
}
