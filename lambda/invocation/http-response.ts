import type { ErrorCode, WebhookCode } from '../contract/codes';
import type { WebhookResponse } from '../contract/responses';

/** What API Gateway's payload 2.0 makes an HTTP response of. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Dynamic tries again after any status but 2xx, for a day. What does not stand here is a fault of the vault's own: 500. */
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

/** A response to a webhook: it says no more than a code and a request id. */
export function httpResponse(code: WebhookCode | ErrorCode, requestId: string): HttpResponse {
  const response: WebhookResponse = { code, requestId };
  return {
    statusCode: STATUS[code] ?? 500,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(response),
  };
}
