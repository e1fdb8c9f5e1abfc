import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../errors';
import { type BoundPort, bindPort } from '../port';
import { readBody } from '../request';
import type { LambdaEndpoint } from '../functions/endpoint';
import { type HttpResponse, functionResponse, ownResponse, refusalResponse } from './response';
import { httpEvent, split } from './event';

export interface HttpApiOptions {
  readonly lambda: Pick<LambdaEndpoint, 'invoke'>;
  /** functions and their aliases by route, such as `POST /path` */
  readonly routes: ReadonlyMap<string, { readonly functionName: string; readonly alias: string }>;
  /** 12 digits */
  readonly accountId: string;
  /** @default - a free port */
  readonly port?: number | undefined;
}

export type HttpApi = Pick<BoundPort, 'url' | 'close'>;

/** API Gateway's maximum body, in bytes. */
const BODY_BYTES = 10 * 1024 * 1024;

/**
 * Starts an HTTP API of API Gateway on loopback: exact routes, payload format 2.0. It has a port of its own, so that
 * publishing it for a webhook does not publish the AWS endpoint.
 */
export async function startHttpApi({ port, ...options }: HttpApiOptions): Promise<HttpApi> {
  const bound = await bindPort(port);
  attachHttpApi(bound, options);
  return bound;
}

/** Serves an HTTP API on a bound port. */
export function attachHttpApi(port: BoundPort, options: Omit<HttpApiOptions, 'port'>): void {
  port.attach((request, response) => {
    respond(request, options).then(
      (sent) => send(response, sent),
      () => request.socket.destroy(),
    );
  });
}

async function respond(
  request: IncomingMessage,
  { lambda, routes, accountId }: Omit<HttpApiOptions, 'port'>,
): Promise<HttpResponse> {
  const { method = '', url = '/', headers, httpVersion, socket } = request;
  const routeKey = `${method} ${split(url)[0]}`;
  const body = await readBody(request, BODY_BYTES).catch(tooLarge);
  const route = routes.get(routeKey);
  if (route === undefined) return ownResponse(404);
  if (body === undefined) return ownResponse(413);
  const sourceIp = socket.remoteAddress ?? '127.0.0.1';
  const event = httpEvent({ method, url, headers, httpVersion, sourceIp, body }, routeKey, accountId);
  try {
    return functionResponse(await lambda.invoke(route.functionName, JSON.stringify(event), route.alias));
  } catch (error) {
    return refusalResponse(error);
  }
}

/** Returns undefined if the body is too long. Throws every other error, so that the connection is cut. */
function tooLarge(error: unknown): undefined {
  if (error instanceof AwsError && error.status === 413) return undefined;
  throw error;
}

function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  const length = { 'content-length': Buffer.byteLength(body) };
  // the rest of a too long body is not read
  const last = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...length, ...last }).end(body);
}
