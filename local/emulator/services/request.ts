import type { IncomingMessage } from 'node:http';
import { wipe } from '../wipe';
import { AwsError } from './errors';

/** Maximum request body in bytes: more than twice the 64 KiB of Secrets Manager in base64. */
const BODY_BYTES = 262_144;

/** Reads a body into a buffer of its own. The caller wipes it. Throws `RequestEntityTooLargeException`. */
export async function readBody(request: IncomingMessage, limit = BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // keep the request open, so that an error response can still be sent
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) {
        throw new AwsError('RequestEntityTooLargeException', `expected at most ${limit} bytes, got more`, 413);
      }
    }
    const body = Buffer.allocUnsafeSlow(length);
    let offset = 0;
    for (const chunk of chunks) offset += chunk.copy(body, offset);
    return body;
  } finally {
    wipe(...chunks);
  }
}

/**
 * Returns the access key id that a request claims in `Authorization: AWS4-HMAC-SHA256 Credential=…`. The server's guard
 * verifies the signature.
 */
export function accessKeyIdOf(request: IncomingMessage): string | undefined {
  return /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9_]{1,128})\//.exec(request.headers.authorization ?? '')?.[1];
}

/** Returns the service that a request claims in its signature's scope, such as `kms`. The guard verifies it. */
export function signingNameOf({ headers }: IncomingMessage): string | undefined {
  const scope = /^AWS4-HMAC-SHA256 Credential=\w{1,128}\/\d{8}\/[a-z0-9-]{1,64}\/([a-z0-9-]{1,64})\/aws4_request/;
  return scope.exec(headers.authorization ?? '')?.[1];
}
