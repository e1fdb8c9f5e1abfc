import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { wipe } from '../wipe';
import { AwsError } from './errors';
import type { Guard } from './guard';
import { type JsonService, overJson } from './json-protocol';
import { type BoundPort, bindPort } from './port';
import { readBody } from './request';
import type { AwsResponse, AwsService } from './service';
import { errorInProtocolOf, unknownOperation } from './unknown-operation';

export interface AwsServerOptions {
  readonly services: readonly (AwsService | JsonService)[];
  /** @default - a free port */
  readonly port?: number;
  /** verifies signatures and authorises every call @default - every access key may call everything */
  readonly guard?: Guard;
}

export interface AwsServer {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL` */
  readonly url: string;
  /** Cuts every connection and waits until the port is free. Further calls do nothing. */
  close(): Promise<void>;
}

/** Starts an endpoint for AWS services on loopback, for any AWS SDK without special configuration. */
export async function startAwsServer({ port, ...options }: AwsServerOptions): Promise<AwsServer> {
  return attachServices(await bindPort(port), options);
}

/** Serves AWS services on a bound port. */
export function attachServices(port: BoundPort, { services, guard }: Omit<AwsServerOptions, 'port'>): AwsServer {
  const closing = new AbortController();
  const all = services.map((service) => ('targetPrefix' in service ? overJson(service) : service));
  const served = all.map(({ signingName }) => signingName);
  port.attach((request, response) => {
    const service = all.find((each) => each.matches(request));
    serve(request, response, { service, served, guard, closing: closing.signal }).catch(() => request.socket.destroy());
  });
  const close = (): Promise<void> => {
    closing.abort();
    return port.close();
  };
  return { url: port.url, close };
}

interface Serving {
  readonly service: AwsService | undefined;
  /** signing names of all services */
  readonly served: readonly string[];
  readonly guard: Guard | undefined;
  readonly closing: AbortSignal;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const requestId = randomUUID();
  response.setHeader('x-amzn-requestid', requestId);
  try {
    const sent = await respond(request, requestId, serving);
    if (sent === undefined) request.socket.destroy();
    else send(response, sent);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    send(response, serving.service?.errorResponse(error) ?? errorInProtocolOf(request, error));
  }
}

async function respond(
  request: IncomingMessage,
  requestId: string,
  { service, served, guard, closing }: Serving,
): Promise<AwsResponse | undefined> {
  const body = await (service ?? { readBody }).readBody(request);
  try {
    if (service === undefined) throw unknownOperation(request, body, served);
    const caller = guard?.verify(request, body, service);
    const call = service.readCall(request, body);
    const { signingName, protocol } = service;
    const ended = caller && (await guard?.authorise({ ...call, service: signingName, protocol, caller, requestId }));
    return await service.respond(call, (result) => ended?.(result), closing);
  } finally {
    wipe(body);
  }
}

function send(response: ServerResponse, { status, headers, body }: AwsResponse): void {
  response.writeHead(status, {
    ...headers,
    ...(body.length > 0 && { 'content-length': Buffer.byteLength(body) }),
    // the rest of a too long body is not read
    ...(status === 413 && !response.req.complete ? { connection: 'close' } : {}),
  });
  response.end(body, () => typeof body !== 'string' && wipe(body));
}
