import * as v from 'valibot';
import { LambdaError } from '../functions/errors';
import type { Outcome } from '../functions/outcome';

/** The API's response to its caller. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const FUNCTION_ANSWER = v.strictObject({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
  cookies: v.optional(v.array(v.string())),
});

/** Messages of the API's own responses. */
const WORDS = {
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

export function ownAnswer(status: keyof typeof WORDS): HttpAnswer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ message: WORDS[status] }) };
}

/**
 * Returns the function's status, headers and body; 500 if the function failed or its result is no HTTP response. API
 * Gateway would turn such a result into a 200; the emulator is stricter, so that this error is found.
 */
export function functionAnswer({ functionError, body }: Outcome): HttpAnswer {
  const read = functionError ? undefined : v.safeParse(FUNCTION_ANSWER, JSON.parse(body));
  if (read?.success !== true) return ownAnswer(500);
  const { statusCode, headers, body: text, isBase64Encoded } = read.output;
  return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(text, 'base64') : text };
}

/** Returns the response to a refused invocation. */
export function refusedAnswer(error: unknown): HttpAnswer {
  if (!(error instanceof LambdaError)) return ownAnswer(500);
  if (error.name === 'RequestTooLargeException') return ownAnswer(413);
  return ownAnswer(error.name === 'TooManyRequestsException' ? 503 : 500);
}
