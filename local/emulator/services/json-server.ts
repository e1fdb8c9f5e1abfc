import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { wipe } from '../wipe';
import type { Credential } from '../signature';
import { AwsError } from './errors';
import type { Fault } from './faults';
import type { Answered, Guard } from './guard';
import { accessKeyIdOf, readBody } from './request';
import type { AwsCall, AwsService } from './service';

/** Sees every request first; answers `true` where it has taken it over, reading and answering it by itself. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export interface AwsServerOptions {
  readonly services: readonly AwsService[];
  /** by default one that is free */
  readonly port?: number;
  readonly intercept?: Intercept;
  /** verifies signatures, and decides on every call @default - whoever names an access key may do everything */
  readonly guard?: Guard;
}

export interface AwsServer {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL` */
  readonly url: string;
  /** Cuts every connection and waits until the port is free. A second call does nothing. */
  close(): Promise<void>;
}

/** Idle connections are kept longer than clients keep them, so that none is closed under a request. */
export const KEEP_ALIVE_MS = 60_000;

/** Speaks the AWS JSON protocol (1.1) on loopback, to the SDK as it comes. */
export async function startAwsServer(options: AwsServerOptions): Promise<AwsServer> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    void serve(request, response, options, closing.signal).catch(() => request.socket.destroy());
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
      closing.abort();
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}`, close: () => (closed ??= close()) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: AwsServerOptions,
  closing: AbortSignal,
): Promise<void> {
  if (await options.intercept?.(request, response)) return;
  try {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    const { service, call, caller } = await readCall(request, options);
    const answered = caller && (await options.guard?.authorise(caller, service.targetPrefix, call, requestId));
    await answer(service, call, request, response, closing, answered);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    sendError(response, error);
  }
}

async function readCall(
  request: IncomingMessage,
  { services, guard }: AwsServerOptions,
): Promise<{ readonly service: AwsService; readonly call: AwsCall; readonly caller: Credential | undefined }> {
  const body = await readBody(request);
  try {
    const target = request.headers['x-amz-target'];
    const [prefix, operation] = typeof target === 'string' ? target.split('.') : [];
    const service = services.find(({ targetPrefix }) => targetPrefix === prefix);
    if (request.method !== 'POST' || request.url !== '/' || service === undefined || operation === undefined) {
      throw new AwsError('UnknownOperationException', 'no such operation', 404);
    }
    const caller = guard?.identify(request, body, service.targetPrefix);
    const accessKeyId = accessKeyIdOf(request);
    if (accessKeyId === undefined) {
      throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    return { service, call: { operation, input: parse(body), accessKeyId }, caller };
  } finally {
    wipe(body);
  }
}

function parse(body: Buffer): object {
  const problem = new AwsError('SerializationException', 'expected a JSON object, got something else');
  let input: unknown;
  try {
    input = JSON.parse(body.toString());
  } catch {
    // the parser's own message quotes the text
    throw problem;
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw problem;
  return input;
}

async function answer(
  service: AwsService,
  call: AwsCall,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
  told?: Answered,
): Promise<void> {
  const at = new Date();
  const answered = (result: string, output?: object): void => {
    service.answered?.(call, at, result, output);
    told?.(result);
  };
  const fault = service.faults?.take(call.operation);
  try {
    if (fault?.latencyMs) await sleep(fault.latencyMs, undefined, { signal: closing });
    if (fault?.error === 'drop') {
      answered('dropped');
      request.socket.destroy();
      return;
    }
    failOn(fault, service);
    const output = await service.handle(call);
    answered('ok', output);
    send(response, 200, output);
  } catch (error) {
    const failure =
      error instanceof AwsError ? error : new AwsError(service.internalError, 'the service failed unexpectedly', 500);
    answered(failure.name);
    sendError(response, failure);
  }
}

function failOn(fault: Fault | undefined, service: AwsService): void {
  if (fault?.error === 'throttle') throw new AwsError('ThrottlingException', 'Rate exceeded');
  if (fault?.error === '500') throw new AwsError(service.internalError, 'told to fail', 500);
}

function sendError(response: ServerResponse, { name, message, status }: AwsError): void {
  send(response, status, { __type: name, message });
}

function send(response: ServerResponse, status: number, answered: object): void {
  const members = Object.entries(answered).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') : value,
  ]);
  wipe(...Object.values(answered).filter((value) => value instanceof Uint8Array));
  const body = Buffer.from(JSON.stringify(Object.fromEntries(members)));
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': body.length,
    // the rest of a body that was too long stays unread
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body, () => wipe(body));
}
