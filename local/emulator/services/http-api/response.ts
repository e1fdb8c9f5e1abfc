import * as v from 'valibot';
import { LambdaError } from '../functions/errors';
import type { Outcome } from '../functions/outcome';

/** The API's response to its caller. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const FUNCTION_RESPONSE = v.strictObject({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
  cookies: v.optional(v.array(v.string())),
});

/** Messages of the API's own responses. */
const MESSAGES = {
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

export function ownResponse(status: keyof typeof MESSAGES): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ message: MESSAGES[status] }) };
}

/**
 * Returns the function's status, headers and body; 500 if the function failed or its result is no HTTP response. API
 * Gateway would turn such a result into a 200; the emulator is stricter, so that this error is found.
 */
export function functionResponse({ functionError, body }: Outcome): HttpResponse {
  const read = functionError ? undefined : v.safeParse(FUNCTION_RESPONSE, JSON.parse(body));
  if (read?.success !== true) return ownResponse(500);
  const { statusCode, headers, body: text, isBase64Encoded } = read.output;
  return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(text, 'base64') : text };
}

/** Returns the response to a refused invocation. */
export function refusalResponse(error: unknown): HttpResponse {
  if (!(error instanceof LambdaError)) return ownResponse(500);
  if (error.name === 'RequestTooLargeException') return ownResponse(413);
  return ownResponse(error.name === 'TooManyRequestsException' ? 503 : 500);
}
