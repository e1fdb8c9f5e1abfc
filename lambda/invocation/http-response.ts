import type { ErrorCode, WebhookCode } from '../contract/codes';
import type { WebhookResponse } from '../contract/responses';

/** A response in API Gateway's payload format 2.0. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Dynamic retries after any status except 2xx, for a day. A code that is not listed is a failure of the vault: 500. */
const STATUS: Readonly<Record<WebhookCode, number> & Partial<Record<ErrorCode, number>>> = {
  Pong: 200,
  Sealed: 200,
  Destroyed: 200,
  SupersededDestroyed: 200,
  Duplicate: 200,
  Outdated: 200,
  Ignored: 200,
  InvalidRequest: 400,
  TransportRejected: 400,
  Conflict: 400,
  SignatureMismatch: 401,
  PayloadTooLarge: 413,
  SecretUnavailable: 503,
  KeyThrottled: 503,
  KeyTimeout: 503,
  KeyUnreachable: 503,
  StoreUnavailable: 503,
};

/** Returns the response to a webhook: a code and a request id, no more. */
export function httpResponse(code: WebhookCode | ErrorCode, requestId: string): HttpResponse {
  const response: WebhookResponse = { code, requestId };
  return {
    statusCode: STATUS[code] ?? 500,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(response),
  };
}
