import type { IncomingMessage } from 'node:http';
import { wipe } from '../wipe';
import { AwsError } from './errors';

/** Longest request body that a service reads: Secrets Manager's 64 KiB in base64, twice over. */
const BODY_BYTES = 262_144;

/** Collects a body into memory of its own. The caller wipes it. */
export async function readBody(request: IncomingMessage, limit = BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // left undestroyed, so that a refusal can still be answered
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
 * The access key that a request claims to be signed with, from `Authorization: AWS4-HMAC-SHA256 Credential=…`. The
 * signature is for the server's guard to verify.
 */
export function accessKeyIdOf(request: IncomingMessage): string | undefined {
  return /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9_]{1,128})\//.exec(request.headers.authorization ?? '')?.[1];
}
