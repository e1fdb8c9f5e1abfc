import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https';
import { getCACertificates } from 'node:tls';
import { keyMemory, wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';

/** One HTTPS request to a service, and its whole response. Retries are in retry.ts. */
export interface RemoteRequest {
  /** named in errors: `google`, `azure`, `vault`, `sts`, … */
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: OutgoingHttpHeaders;
  /** stays the caller's, to be wiped if it holds a key: a retry sends it again */
  readonly body?: Buffer | undefined;
  /** most bytes that a response may have @default 65,536 */
  readonly maxBytes?: number;
  /** certificate authority that is trusted instead of the public ones, PEM @default - the public ones */
  readonly ca?: string | undefined;
  /** whether the request goes through the proxy of `HTTPS_PROXY`: AWS's own services are called without it @default true */
  readonly viaProxy?: boolean;
}

export interface RemoteResponse {
  readonly status: number;
  /** attempts that it took, if there are retries: an earlier one may have had its effect */
  readonly attempts?: number;
  readonly headers: IncomingMessage['headers'];
  /** memory of its own, the caller's to wipe if it holds a key */
  readonly body: Buffer;
}

const MAX_RESPONSE_BYTES = 65_536;
const KEEP_ALIVE = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const;
/** `NODE_TLS_REJECT_UNAUTHORIZED=0` changes only what is not set here. */
const TLS = { ...KEEP_ALIVE, minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;

const direct = new HttpsAgent(TLS);
/** made when first used: of endpoints on this machine */
let plain: Agent | undefined;
/** by certificate authority: an agent keeps its connections to those that it verified by it */
const viaProxy = new Map<string | undefined, HttpsAgent>();

/**
 * Sends one request. Certificate and host name are always verified; redirects are not followed. The signal bounds it
 * all, the body of the response too. Rejects with `KeyUnreachable` for a response that is too long, and otherwise with
 * the error of Node.
 */
export async function sendOnce(request: RemoteRequest, signal: AbortSignal): Promise<RemoteResponse> {
  const { service, method, url, headers, body, maxBytes = MAX_RESPONSE_BYTES } = request;
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body && { 'content-length': body.length }) },
    signal,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent =
      url.protocol === 'http:'
        ? requestPlain(url, options, resolve)
        : requestHttps(url, { ...options, agent: agentOf(request) }, resolve);
    sent.on('error', reject).end(body);
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await bodyOf(response, maxBytes, service),
  };
}

/** An `import` of `node:http` would load undici and HTTP/2 too, a quarter of the time in which a function's code loads. */
function requestPlain(url: URL, options: RequestOptions, respond: (response: IncomingMessage) => void): ClientRequest {
  const http = process.getBuiltinModule('node:http');
  plain ??= new http.Agent(KEEP_ALIVE);
  return http.request(url, { ...options, agent: plain }, respond);
}

function agentOf({ ca, viaProxy: proxied = true }: RemoteRequest): HttpsAgent {
  if (!proxied) return direct;
  const agent = viaProxy.get(ca) ?? proxyAgent(ca);
  viaProxy.set(ca, agent);
  return agent;
}

/** Node itself speaks to the proxy: `CONNECT`, then TLS with the service, which the proxy can't read. */
function proxyAgent(ca: string | undefined): HttpsAgent {
  const { HTTPS_PROXY, NO_PROXY } = process.env;
  const options = { ...TLS, proxyEnv: { HTTPS_PROXY, NO_PROXY } } as const;
  // `NODE_EXTRA_CA_CERTS` stays trusted: a `ca` would replace it too
  return new HttpsAgent(ca === undefined ? options : { ...options, ca: [ca, ...getCACertificates('extra')] });
}

/** Reads the body into memory of its own, and overwrites the chunks that it came in. */
async function bodyOf(response: IncomingMessage, maxBytes: number, service: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      response
        .on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maxBytes) response.destroy(tooLong(service, maxBytes));
        })
        .on('error', reject)
        .on('close', () => {
          // each response closes: an error costs its stack
          if (!response.readableEnded) reject(brokenOff(service));
        })
        .on('end', resolve);
    });
    const whole = keyMemory(length);
    let offset = 0;
    for (const chunk of chunks) offset += chunk.copy(whole, offset);
    return whole;
  } finally {
    wipe(...chunks);
  }
}

function tooLong(service: string, maxBytes: number): VaultError {
  return new VaultError('KeyUnreachable', `expected a response of ${service} of at most ${maxBytes} bytes, got more`);
}

function brokenOff(service: string): Error {
  return Object.assign(new Error(`expected a whole response of ${service}, got a part`), { code: 'ECONNRESET' });
}
