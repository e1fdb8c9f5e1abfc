import { setTimeout as sleep } from 'node:timers/promises';
import { wipe } from '../wipe';
import { AwsError } from './errors';
import type { Fault, Faults } from './faults';
import { accessKeyIdOf, readBody } from './request';
import type { AwsCall, AwsResponse, AwsService } from './service';

/**
 * A service of the AWS JSON protocol (1.1). `handle` throws `AwsError` if the request is invalid; every other error
 * becomes the service's internal error. Bytes in a response are overwritten once it is sent.
 */
export interface JsonService {
  /** the part before the dot in `X-Amz-Target` */
  readonly targetPrefix: string;
  /** name of the error for a failure of the service itself */
  readonly internalError: string;
  readonly faults?: Faults;
  handle(call: AwsCall): object | Promise<object>;
  /** Receives every call once it has ended; `result` is `ok`, the name of an error, or `dropped`. */
  ended?(call: AwsCall, at: Date, result: string, output?: object): void;
}

/** Service names in signatures, if they differ from the target prefix. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  TrentService: 'kms',
  AmazonSSM: 'ssm',
  AWSStepFunctions: 'states',
};

/** Serves a service over the AWS JSON protocol. */
export function overJson(service: JsonService): AwsService {
  const target = new RegExp(`^${service.targetPrefix}\\.([^.]*)`);
  const operationOf = (header: unknown): string | undefined => target.exec(String(header))?.[1];
  return {
    signingName: SIGNING_NAMES[service.targetPrefix] ?? service.targetPrefix,
    protocol: 'json',
    matches: ({ method, url, headers }) =>
      method === 'POST' && url === '/' && operationOf(headers['x-amz-target']) !== undefined,
    readBody,
    readCall: (request, body) => {
      const accessKeyId = accessKeyIdOf(request);
      if (accessKeyId === undefined) {
        throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
      }
      return { operation: operationOf(request.headers['x-amz-target']) ?? '', input: parse(body), accessKeyId };
    },
    respond: (call, ended, closing) => respond(service, call, ended, closing),
    errorResponse: jsonError,
  };
}

export function jsonError({ name, message, status }: AwsError): AwsResponse {
  return jsonResponse(status, { __type: name, message });
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

async function respond(
  service: JsonService,
  call: AwsCall,
  ended: (result: string) => void,
  closing: AbortSignal,
): Promise<AwsResponse | undefined> {
  const at = new Date();
  const end = (result: string, output?: object): void => {
    service.ended?.(call, at, result, output);
    ended(result);
  };
  const fault = service.faults?.take(call.operation);
  try {
    if (fault?.latencyMs) await sleep(fault.latencyMs, undefined, { signal: closing });
    if (fault?.error === 'drop') {
      end('dropped');
      return undefined;
    }
    failOn(fault, service);
    const output = await service.handle(call);
    end('ok', output);
    return jsonResponse(200, output);
  } catch (error) {
    const failure =
      error instanceof AwsError ? error : new AwsError(service.internalError, 'the service failed unexpectedly', 500);
    end(failure.name);
    return jsonError(failure);
  }
}

function failOn(fault: Fault | undefined, service: JsonService): void {
  if (fault?.error === 'throttle') throw new AwsError('ThrottlingException', 'Rate exceeded');
  if (fault?.error === '500') throw new AwsError(service.internalError, 'injected fault', 500);
}

function jsonResponse(status: number, output: object): AwsResponse {
  const members = Object.entries(output).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') : value,
  ]);
  wipe(...Object.values(output).filter((value) => value instanceof Uint8Array));
  const body = Buffer.from(JSON.stringify(Object.fromEntries(members)));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
}
