import { randomUUID } from 'node:crypto';

/**
 * A refusal of the login service, in the form of OAuth with Microsoft's codes (AADSTS…). Callers may rely on the status
 * and `error`; Microsoft says that the numbers can change.
 */
export class LoginError extends Error {
  constructor(
    readonly status: number,
    /** OAuth's code */
    readonly error: string,
    readonly aadsts: number,
    message: string,
  ) {
    super(message);
  }

  toJSON(): object {
    const trace = { trace_id: randomUUID(), correlation_id: randomUUID() };
    const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
    return {
      error: this.error,
      error_description: `AADSTS${this.aadsts}: ${this.message} Trace ID: ${trace.trace_id} Correlation ID: ${trace.correlation_id} Timestamp: ${timestamp}`,
      error_codes: [this.aadsts],
      timestamp,
      ...trace,
      error_uri: `https://login.microsoftonline.com/error?code=${this.aadsts}`,
    };
  }
}

const noRecord = (part: string, value: string): string =>
  `No matching federated identity record found for presented assertion ${part} '${value}'.`;

export const loginErrors = {
  tenantNotFound: (tenant: string) => new LoginError(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`),
  applicationNotFound: (client: string) =>
    new LoginError(400, 'unauthorized_client', 700016, `Application with identifier '${client}' was not found.`),
  parameterMissing: (name: string) =>
    new LoginError(400, 'invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`),
  unsupportedGrant: () =>
    new LoginError(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.'),
  invalidScope: (scope: string) =>
    new LoginError(400, 'invalid_scope', 70011, `The provided value for scope ${scope} is not valid.`),
  malformedAssertion: () => new LoginError(401, 'invalid_client', 50027, 'JWT token is invalid or malformed.'),
  algorithm: (name: string) =>
    new LoginError(
      401,
      'invalid_client',
      5002738,
      `Invalid JWT token. '${name}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256, RS384, RS512'.`,
    ),
  issuer: (value: string) => new LoginError(401, 'invalid_client', 700211, noRecord('issuer', value)),
  audience: (value: string) => new LoginError(401, 'invalid_client', 700212, noRecord('audience', value)),
  subject: (value: string) => new LoginError(401, 'invalid_client', 700213, noRecord('subject', value)),
  expired: () => new LoginError(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.'),
  signature: () => new LoginError(401, 'invalid_client', 700027, 'Client assertion failed signature validation.'),
} as const;
