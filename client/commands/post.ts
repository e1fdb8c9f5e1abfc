import { performance } from 'node:perf_hooks';
import { deliveryHeaders } from '../delivery';
import { readBody } from './bounded';
import { factsOf } from './error-facts';
import { parseObject } from './json';
import { printable } from './printable';

/** The response to a delivery. */
export interface Posted {
  /** HTTP; undefined if no response came */
  readonly status: number | undefined;
  /** the vault's code, or the reason for a missing response: `timeout`, `ECONNREFUSED`, … */
  readonly code: string | undefined;
  /** Lambda's, if the vault responded */
  readonly requestId: string | undefined;
  readonly milliseconds: number;
}

/** An HTTP API responds within 30 s, even if its function does not. */
const TIMEOUT_MS = 35_000;

/** Posts a signed delivery, without following a redirect. Never throws for a network error. */
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

/** Printed texts come from another host: a code or an id has only these characters. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value) ? value : undefined;
}

/** fetch puts the reason in its error's cause. */
function codeOf(error: unknown): string {
  const { name, cause } = factsOf(error);
  return name === 'TimeoutError' ? 'timeout' : printable(factsOf(cause).code ?? 'failed');
}
