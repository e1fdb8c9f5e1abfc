import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { AwsError } from '../errors';
import { accessKeyIdOf } from '../request';
import type { AwsCall, AwsResponse, AwsService } from '../service';
import { DESCRIPTIONS, type Functions } from './describe';
import { LambdaError, errorBody } from './errors';
import { type Place, parseFunctionName } from './function-name';
import type { Invocation } from './lambda-function';
import { PAYLOAD_LIMIT } from './outcome';
import { routeOf } from './routes';

/** Input of `Invoke`. */
const INPUT = v.object({
  FunctionName: v.string(),
  Qualifier: v.optional(v.string()),
  InvocationType: v.optional(v.string(), 'RequestResponse'),
  LogType: v.optional(v.string()),
  Payload: v.instance(Uint8Array),
});

/** Serves functions over Lambda's REST JSON protocol. */
export function overRest(place: Place, functions: Functions): AwsService {
  return {
    signingName: 'lambda',
    protocol: 'rest-json',
    matches: (request) => routeOf(request) !== undefined,
    readBody: readBytes,
    readCall: (request, body) => readCall(request, body, place),
    respond: async ({ operation, input }, ended) => {
      try {
        const describe = DESCRIPTIONS[operation];
        const response = describe === undefined ? await invoke(input, functions) : json(describe(input, functions));
        ended('ok');
        return response;
      } catch (error) {
        const failure = error instanceof AwsError ? error : new LambdaError('ServiceException', String(error));
        ended(failure.name);
        return errorResponse(failure);
      }
    },
    errorResponse,
  };
}

function readCall(request: IncomingMessage, body: Buffer, place: Place): AwsCall {
  const route = routeOf(request);
  if (route === undefined) throw new AwsError('UnknownOperationException', 'no such operation', 404);
  const { operation, name, alias, query } = route;
  const reference =
    name === undefined ? undefined : parseFunctionName(decode(name), query.get('Qualifier') ?? undefined, place);
  const input = {
    ...Object.fromEntries(query),
    FunctionName: reference?.name,
    Qualifier: reference?.qualifier,
    Name: alias === undefined ? undefined : decode(alias),
    InvocationType: request.headers['x-amz-invocation-type'],
    LogType: request.headers['x-amz-log-type'],
    Payload: Buffer.from(body),
  };
  return { operation, input, accessKeyId: accessKeyIdOf(request) ?? '' };
}

async function invoke(input: unknown, { find }: Functions): Promise<AwsResponse> {
  const { FunctionName, Qualifier, InvocationType, LogType, Payload } = v.parse(INPUT, input);
  const payload = payloadOf(Payload);
  const called = find(FunctionName);
  if (InvocationType === 'DryRun') {
    called.versionOf(Qualifier);
    return { status: 204, headers: {}, body: '' };
  }
  if (InvocationType !== 'RequestResponse') {
    const message = 'expected invocation type RequestResponse or DryRun: nothing here invokes asynchronously';
    throw new LambdaError('InvalidParameterValueException', message);
  }
  const invocation = await called.invoke(payload, Qualifier);
  return { status: 200, headers: headersOf(invocation, LogType === 'Tail'), body: invocation.body };
}

function json(output: object): AwsResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(output) };
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

function errorResponse(error: AwsError): AwsResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.name };
  return { status: error.status, headers, body: errorBody(error) };
}

/**
 * Returns the bytes of an invocation's payload. Throws `RequestTooLargeException`, but only after it has read all of
 * the payload: a client that still sends would not read the response.
 */
async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= PAYLOAD_LIMIT) chunks.push(chunk);
  }
  requirePayloadSize(length);
  return Buffer.concat(chunks);
}

/** Throws `RequestTooLargeException` if a payload of `length` bytes is too large. */
export function requirePayloadSize(length: number): void {
  if (length <= PAYLOAD_LIMIT) return;
  const message = `Request must be smaller than ${PAYLOAD_LIMIT} bytes for the InvokeFunction operation`;
  throw new LambdaError('RequestTooLargeException', message);
}

/** Returns JSON text; an empty payload is `{}`, as in Lambda. Throws `InvalidRequestContentException`. */
function payloadOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '{}';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(text);
    return text;
  } catch {
    // the parser's message quotes the payload
    throw new LambdaError('InvalidRequestContentException', 'Could not parse request body into json');
  }
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
