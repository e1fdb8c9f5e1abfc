import type { StandInResponse } from '../stand-in';

/** The canonical errors of Google's APIs and their HTTP statuses. */
const STATUSES = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;
export type GoogleStatus = keyof typeof STATUSES;

/** An error as an API of Google Cloud returns it. */
export class GoogleError extends Error {
  constructor(
    readonly status: GoogleStatus,
    message: string,
  ) {
    super(message);
  }

  get response(): StandInResponse {
    const { status, message } = this;
    return { status: STATUSES[status], body: { error: { code: STATUSES[status], message, status } } };
  }
}

/** An error of the token service, in the form of OAuth 2.0 (RFC 6749, section 5.2). */
export class ExchangeError extends Error {
  constructor(
    readonly error: 'invalid_request' | 'invalid_grant' | 'invalid_target' | 'unauthorized_client',
    message: string,
  ) {
    super(message);
  }

  get response(): StandInResponse {
    return { status: 400, body: { error: this.error, error_description: this.message } };
  }
}
