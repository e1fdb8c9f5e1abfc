import * as v from 'valibot';
import { LIMITS } from '../contract/limits';
import { VaultError } from '../contract/errors';
import { read } from '../requests/requests';

/** API Gateway spells header names in lower case. */
const SIGNATURE_HEADER = 'x-dynamic-signature-256';

/** The needed members of a request in API Gateway's payload format 2.0; others are ignored. */
const REQUEST = v.object({
  version: v.literal('2.0', '"2.0"'),
  headers: v.object({ [SIGNATURE_HEADER]: v.optional(v.string('a string')) }),
  body: v.optional(v.string('a string'), ''),
  isBase64Encoded: v.optional(v.boolean('true or false'), false),
});

/** A delivery, not yet verified. */
export interface WebhookRequest {
  /** the bytes that were signed, at most `LIMITS.webhookBytes` */
  readonly body: Buffer;
  readonly signature: string | undefined;
}

/** Throws `PayloadTooLarge`, and `InvalidRequest` for anything that API Gateway does not send. */
export function readWebhookRequest(event: unknown): WebhookRequest {
  const { headers, body, isBase64Encoded } = read(REQUEST, event);
  return { body: bytesOf(body, isBase64Encoded ? 'base64' : 'utf8'), signature: headers[SIGNATURE_HEADER] };
}

/** API Gateway reads a body that is no base64 as UTF-8: encoding it again restores the sent bytes. */
function bytesOf(body: string, encoding: 'base64' | 'utf8'): Buffer {
  const length = Buffer.byteLength(body, encoding);
  if (length > LIMITS.webhookBytes) {
    throw new VaultError('PayloadTooLarge', `expected at most ${LIMITS.webhookBytes} bytes, got ${length}`);
  }
  const bytes = Buffer.from(body, encoding);
  if (bytes.toString(encoding) === body) return bytes;
  throw new VaultError('InvalidRequest', `body: expected ${encoding}, got another text`);
}
