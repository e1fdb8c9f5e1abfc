import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { AwsError } from '../errors';
import { KEEP_ALIVE_MS } from '../json-server';
import { readBody } from '../request';
import type { LambdaEndpoint } from '../functions/endpoint';
import { type HttpAnswer, functionAnswer, ownAnswer, refusedAnswer } from './answer';
import { httpEvent, split } from './event';

export interface HttpApiOptions {
  readonly lambda: Pick<LambdaEndpoint, 'invoke'>;
  /** function and alias by route, such as `POST /path` */
  readonly routes: ReadonlyMap<string, { readonly functionName: string; readonly alias: string }>;
  /** 12 digits */
  readonly accountId: string;
  /** @default - a free one */
  readonly port?: number | undefined;
}

export interface HttpApi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Cuts every connection and waits until the port is free. A second call does nothing. */
  close(): Promise<void>;
}

/** The most that API Gateway takes, in bytes. */
const BODY_BYTES = 10 * 1024 * 1024;

/**
 * An HTTP API of API Gateway on loopback: exact routes, payload format 2.0. It has a server of its own, so that whoever
 * makes it known to the world, for a webhook to reach it, does not make the AWS endpoint known with it.
 */
export async function startHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const server = createServer((request, response) => {
    void answer(request, options).then(
      (answered) => send(response, answered),
      () => request.socket.destroy(),
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port, got none');
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}`, close: () => (closed ??= close()) };
}

async function answer(request: IncomingMessage, { lambda, routes, accountId }: HttpApiOptions): Promise<HttpAnswer> {
  const { method = '', url = '/', headers, httpVersion, socket } = request;
  const routeKey = `${method} ${split(url)[0]}`;
  const body = await readBody(request, BODY_BYTES).catch(tooLarge);
  const route = routes.get(routeKey);
  if (route === undefined) return ownAnswer(404);
  if (body === undefined) return ownAnswer(413);
  const sourceIp = socket.remoteAddress ?? '127.0.0.1';
  const event = httpEvent({ method, url, headers, httpVersion, sourceIp, body }, routeKey, accountId);
  try {
    return functionAnswer(await lambda.invoke(route.functionName, JSON.stringify(event), route.alias));
  } catch (error) {
    return refusedAnswer(error);
  }
}

/** Undefined for a body that is too long; what else goes wrong is the connection's. */
function tooLarge(error: unknown): undefined {
  if (error instanceof AwsError && error.status === 413) return undefined;
  throw error;
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  const length = { 'content-length': Buffer.byteLength(body) };
  // the rest of a body that was too long stays unread
  const last = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...length, ...last }).end(body);
}
