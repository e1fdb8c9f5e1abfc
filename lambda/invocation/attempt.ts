import { type Readable, addAbortSignal, promises } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { wipe } from '../contract/bytes';
import { LONGEST_MS, MAX_ATTEMPTS, SHORTEST_MS } from './attempt-limits';
import { remainingMs } from './deadline';
import { VaultError } from '../contract/errors';

/** How every client of the SDK retries: a `TimeoutError` and a corrected clock are among its reasons. */
export const RETRIES = { maxAttempts: MAX_ATTEMPTS, retryMode: 'standard' } as const;

/** Limit of the connection, in milliseconds. */
const CONNECT_MS = 1_000;
/** The longest responses of KMS, and a private key out of Secrets Manager, are a few kilobytes. */
const RESPONSE_BYTES = 65_536;

export type Request = Parameters<NodeHttpHandler['handle']>[0];
export type Options = NonNullable<Parameters<NodeHttpHandler['handle']>[1]>;
export type Response = ReturnType<NodeHttpHandler['handle']>;

/**
 * The SDK's own handler with a limit that covers the whole attempt: connection, headers and body. A stalled attempt is
 * given up with its connection, and ends in a `TimeoutError`, so that the SDK makes the next attempt. `requestTimeout`
 * of the SDK ends with the headers. The body is then a buffer of its own.
 */
export class AttemptHandler extends NodeHttpHandler {
  constructor() {
    super({ connectionTimeout: CONNECT_MS });
  }

  override async handle(request: Request, options: Options = {}): Response {
    const caller = options.abortSignal as AbortSignal | undefined;
    const limitMs = attemptMs(remainingMs(caller), attemptsLeft(request));
    // one signal of its own: `AbortSignal.any` costs each call more than a listener
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort();
    const timer = setTimeout(giveUp, limitMs);
    caller?.addEventListener('abort', giveUp);
    if (caller?.aborted) giveUp();
    try {
      const { response } = await super.handle(request, { ...options, abortSignal: attempt.signal });
      response.body = await collect(addAbortSignal(attempt.signal, response.body as Readable));
      return { response };
    } catch (error) {
      // a body that is cut off fails under a name of its own
      if (caller?.aborted) throw named('AbortError', 'Request aborted', caller.reason);
      if (attempt.signal.aborted) throw named('TimeoutError', `expected a response within ${limitMs} ms, got none`);
      throw error;
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener('abort', giveUp);
    }
  }
}

/** Returns an equal share of the time left: each attempt has one, and so has the work after the call. */
function attemptMs(leftMs: number, attempts: number): number {
  return Math.floor(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, leftMs / (attempts + 1))));
}

/** Returns the number of attempts left, this one included, by the header that the SDK counts them in. */
function attemptsLeft({ headers }: Request): number {
  const [, attempt, max] = /^attempt=(\d+); max=(\d+)$/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  return Math.max(1, Number(max ?? MAX_ATTEMPTS) - Number(attempt ?? 1) + 1);
}

/**
 * Returns the whole body in memory of its own. Overwrites the chunks that it came in, also if it breaks off: they are
 * taken as they come, since an iterator joins those that wait, and leaves the parts behind.
 */
async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > RESPONSE_BYTES) body.destroy(tooLong());
  });
  try {
    await promises.finished(body);
    const whole = Buffer.allocUnsafeSlow(length);
    let offset = 0;
    for (const chunk of chunks) offset += chunk.copy(whole, offset);
    return whole;
  } finally {
    wipe(...chunks);
  }
}

function tooLong(): VaultError {
  return new VaultError('KeyUnreachable', `expected a response of at most ${RESPONSE_BYTES} bytes, got more`);
}

function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name });
}
