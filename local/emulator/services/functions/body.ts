import type { IncomingMessage } from 'node:http';
import { LambdaError } from './errors';
import { PAYLOAD_LIMIT } from './outcome';

/**
 * The bytes of an invocation's payload. Throws `RequestTooLargeException` after all of it has arrived: a client that
 * still sends would not hear the answer.
 */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= PAYLOAD_LIMIT) chunks.push(chunk);
  }
  requireFitting(length);
  return Buffer.concat(chunks);
}

/** JSON text; nothing counts as `{}`, as in Lambda. Throws `InvalidRequestContentException`. */
export function payloadOf(bytes: Buffer): string {
  return bytes.length === 0 ? '{}' : asJson(bytes);
}

/** @param length of a payload, in bytes */
export function requireFitting(length: number): void {
  if (length <= PAYLOAD_LIMIT) return;
  const message = `Request must be smaller than ${PAYLOAD_LIMIT} bytes for the InvokeFunction operation`;
  throw new LambdaError('RequestTooLargeException', message);
}

function asJson(bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(text);
    return text;
  } catch {
    // the parser's own words quote the payload
    throw new LambdaError('InvalidRequestContentException', 'Could not parse request body into json');
  }
}
