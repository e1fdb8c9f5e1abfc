import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http'; // prettier-ignore
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** A request as a handler sent it: sent again, it is the bare call that the handler can't do without. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Returns the requests that an action sends, in order. */
export async function requestsOf(action: () => Promise<unknown>): Promise<readonly SentRequest[]> {
  const sent: { readonly request: ClientRequest; body: Buffer }[] = [];
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    const entry = { request, body: Buffer.alloc(0) };
    sent.push(entry);
    const end = request.end.bind(request);
    const write = request.write.bind(request);
    const keep = (chunk: unknown): void => {
      // a copy: the handler wipes its own
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) entry.body = Buffer.from(chunk);
    };
    Object.assign(request, {
      write: (...args: unknown[]): unknown => {
        keep(args[0]);
        return Reflect.apply(write, request, args);
      },
      end: (...args: unknown[]): unknown => {
        keep(args[0]);
        return Reflect.apply(end, request, args);
      },
    });
  };
  subscribe(CREATED, note);
  try {
    await action();
  } finally {
    unsubscribe(CREATED, note);
  }
  return sent.map(({ request, body }) => {
    const headers = request.getHeaders();
    const url = new URL(request.path, `${request.protocol}//${String(headers.host)}`);
    return { method: request.method, url, headers, body };
  });
}

const CREATED = 'http.client.request.created';

const KEEP_ALIVE = { keepAlive: true, scheduling: 'lifo' } as const;
const { HTTPS_PROXY, NO_PROXY } = process.env;
const http = new HttpAgent(KEEP_ALIVE);
const https = new HttpsAgent({ ...KEEP_ALIVE, proxyEnv: { HTTPS_PROXY, NO_PROXY } });

/** Sends a request by Node's own agents, and reads the response. Throws unless its status is 200. */
export async function sendBare({ method, url, headers, body }: SentRequest): Promise<void> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const isHttp = url.protocol === 'http:';
    const options = { method, headers, agent: isHttp ? http : https };
    (isHttp ? requestHttp : requestHttps)(url, options, resolve).on('error', reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  if (response.statusCode === 200) return;
  throw new Error(`expected status 200 from ${url.host}, got ${String(response.statusCode)}`);
}
