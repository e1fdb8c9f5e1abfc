import { performance } from 'node:perf_hooks';
import { deliveryHeaders } from '../delivery';
import { readBody } from './bounded';
import { factsOf } from './error-facts';
import { parseObject } from './json';
import { printable } from './printable';

/** How a delivery was answered. */
export interface Posted {
  /** HTTP; undefined where no response came */
  readonly status: number | undefined;
  /** the vault's, or where it did not respond itself what happened instead: `timeout`, `ECONNREFUSED`, … */
  readonly code: string | undefined;
  /** Lambda's, where the vault answered */
  readonly requestId: string | undefined;
  readonly milliseconds: number;
}

/** An HTTP API responds within 30 s, whatever becomes of its function. */
const TIMEOUT_MS = 35_000;

/** Posts a delivery, signed, and follows nothing. Never throws for what happens on the way. */
export async function post(
  url: URL,
  body: Buffer<ArrayBuffer>,
  secret: string,
  timeoutMs = TIMEOUT_MS,
): Promise<Posted> {
  const began = performance.now();
  const elapsed = () => Math.round(performance.now() - began);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: deliveryHeaders(body, secret),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { code, requestId } = readCode(await readBody(response.body));
    return { status: response.status, code, requestId, milliseconds: elapsed() };
  } catch (error) {
    return { status: undefined, code: codeOf(error), requestId: undefined, milliseconds: elapsed() };
  }
}

function readCode(text: string): Pick<Posted, 'code' | 'requestId'> {
  const { code, requestId } = parseObject(text);
  return { code: wordOf(code), requestId: wordOf(requestId) };
}

/** What is printed comes from elsewhere: a code or an id has no other characters than these. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value) ? value : undefined;
}

/** fetch hides what happened in its error's cause. */
function codeOf(error: unknown): string {
  const { name, cause } = factsOf(error);
  return name === 'TimeoutError' ? 'timeout' : printable(factsOf(cause).code ?? 'failed');
}
