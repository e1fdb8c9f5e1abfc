import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../errors';
import { payloadOf, readBytes, requireFitting } from './body';
import { LambdaError, errorBody } from './errors';
import { type FunctionReference, type Place, parseFunctionName } from './function-name';
import { type FunctionOptions, type Invocation, LambdaFunction } from './lambda-function';
import { type LogLine, openLogSink } from './log-sink';

export type { Credentials } from './environment';
export type { FunctionOptions, Invocation, LogLine };

export interface LambdaEndpointOptions extends Place {
  readonly functions: readonly FunctionOptions[];
  /** folder for a log file of each function @default - no files */
  readonly logDir?: string;
  /** called with every line that a function's process writes @default - none */
  readonly onLog?: (line: LogLine) => void;
  /** whether a function's lines get into its log at all @default - they do */
  readonly mayLog?: (name: string) => boolean;
  /** Asked before anything is done for a call, its payload whole. Throws `AwsError`. @default - everybody may */
  readonly admit?: Admit;
}

export type LambdaOperation = 'Invoke' | 'GetFunctionConfiguration';

export type Admit = (
  operation: LambdaOperation,
  request: IncomingMessage,
  payload: Uint8Array,
  called: FunctionReference,
  /** under which a refusal is answered */
  requestId: string,
) => Promise<void>;

export interface FunctionProcess {
  /** the function's name */
  readonly name: string;
  readonly pid: number;
  /** `$LATEST` or `1` */
  readonly version: string;
  /** an invocation is under way in it */
  readonly busy: boolean;
}

/** AWS Lambda's Invoke and GetFunctionConfiguration on one machine, for any HTTP server to host. */
export interface LambdaEndpoint {
  /** Answers a request that is one of these; false, untouched, for any other. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Invokes for a service beside it. `event` is JSON. Throws `LambdaError` where the handler would not see it. */
  invoke(name: string, event: string, qualifier: string): Promise<Invocation>;
  /** The processes that the next invocations may run in. */
  processes(): readonly FunctionProcess[];
  /** Ends the function's processes, busy ones after their invocation: the next start is cold. */
  restart(name: string): Promise<void>;
  /** Replaces some of a function's options, and its processes. */
  updateFunction(name: string, changes: Partial<Omit<FunctionOptions, 'name'>>): Promise<void>;
  /** Ends every process at once, and waits until none is left. */
  close(): Promise<void>;
}

const CALL = /^(POST|GET) \/2015-03-31\/functions\/([^/]+)\/(invocations|configuration)\/?$/;

/**
 * Runs each function's bundle in processes of its own, with its own environment. Functions are invoked synchronously
 * alone: the vault's never are otherwise, since nobody could receive what they answer.
 */
export function createLambdaEndpoint(options: LambdaEndpointOptions): LambdaEndpoint {
  const sink = openLogSink(options.logDir, options.onLog, options.mayLog);
  const functions = new Map(options.functions.map((each) => [each.name, new LambdaFunction(options, each, sink)]));
  const find = (name: string): LambdaFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new LambdaError('ResourceNotFoundException', `Function not found: ${name}`);
    return found;
  };

  return {
    handle: async (request, response) => {
      const [path = '', query] = (request.url ?? '').split('?', 2);
      const [, method, name, called] = CALL.exec(`${request.method ?? ''} ${path}`) ?? [];
      if (name === undefined || (method === 'POST') !== (called === 'invocations')) return false;
      const operation = method === 'POST' ? 'Invoke' : 'GetFunctionConfiguration';
      try {
        const qualifier = new URLSearchParams(query).get('Qualifier') ?? undefined;
        const reference = parseFunctionName(decode(name), qualifier, options);
        const bytes = await readBytes(request);
        const requestId = randomUUID();
        response.setHeader('x-amzn-requestid', requestId);
        await options.admit?.(operation, request, bytes, reference, requestId);
        if (operation === 'Invoke') {
          await answer(request, payloadOf(bytes), response, find(reference.name), reference.qualifier);
        } else describe(response, find(reference.name), reference.qualifier);
      } catch (error) {
        refuse(response, error);
      }
      return true;
    },
    invoke: async (name, event, qualifier) => {
      requireFitting(Buffer.byteLength(event));
      return find(name).invoke(event, qualifier);
    },
    processes: () =>
      [...functions].flatMap(([name, each]) => each.processes().map((process) => ({ name, ...process }))),
    restart: async (name) => find(name).restart(),
    updateFunction: async (name, changes) => find(name).update(changes),
    close: async () => {
      await Promise.all([...functions.values()].map((each) => each.close()));
      sink.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  payload: string,
  response: ServerResponse,
  called: LambdaFunction,
  qualifier: string | undefined,
): Promise<void> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') {
    called.versionOf(qualifier);
    response.writeHead(204).end();
    return;
  }
  if (type !== 'RequestResponse') {
    const message = 'expected invocation type RequestResponse or DryRun: the vault is never invoked asynchronously';
    throw new LambdaError('InvalidParameterValueException', message);
  }
  const invocation = await called.invoke(payload, qualifier);
  const tail = request.headers['x-amz-log-type'] === 'Tail';
  response.writeHead(200, headersOf(invocation, tail)).end(invocation.body);
}

function describe(response: ServerResponse, called: LambdaFunction, qualifier: string | undefined): void {
  const body = JSON.stringify(called.configuration(qualifier));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function headersOf({ requestId, version, functionError, logTail }: Invocation, tail: boolean): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    'x-amz-executed-version': version,
    ...(functionError && { 'x-amz-function-error': 'Unhandled' }),
    ...(tail && { 'x-amz-log-result': logTail.toString('base64') }),
  };
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof LambdaError || error instanceof AwsError;
  const refusal = known ? error : new LambdaError('ServiceException', String(error));
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': refusal.name };
  response.writeHead(refusal.status, headers).end(errorBody(refusal));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new LambdaError(
      'InvalidParameterValueException',
      'expected a URL-encoded function name, got another encoding',
    );
  }
}
