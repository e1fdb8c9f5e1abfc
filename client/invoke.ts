import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultError } from './errors';
import { type Target, functionFault, invokeFault } from './faults';
import type { FunctionKey, Settings } from './options';
import { withRetries } from './retry';
import { traced } from './tracing';

/** Calls a function of the vault as the actor, and reads the parsed JSON of its response. */
export type Invoke = <T>(
  key: FunctionKey,
  request: object,
  read: (response: unknown, requestId: string | undefined) => T | Promise<T>,
  signal: AbortSignal | undefined,
) => Promise<T>;

interface Response {
  readonly json: unknown;
  readonly requestId: string | undefined;
}

export function invokerOf(settings: Settings, lambda: Pick<LambdaClient, 'send'>): Invoke {
  return async (key, request, read, signal) => {
    const functionName = settings.functions[key];
    if (functionName === undefined)
      throw new TypeError(`functions.${key}: expected the name or ARN of a function, got none`);
    const target = { functionName, actor: settings.actor };
    // made once: every attempt sends the same bytes, so the vault recognizes the request
    const payload = Buffer.from(JSON.stringify(request), 'utf8');
    return traced(key, settings, async (report) => {
      const attempt = (): Promise<Response> => {
        report.attempts += 1;
        return send(lambda, target, payload, settings.attemptTimeoutMs, signal);
      };
      const { json, requestId } = await withRetries(settings.retry, signal, attempt);
      report.requestId = requestId;
      try {
        return await read(json, requestId);
      } catch (error) {
        throw error instanceof ShareVaultError ? error.withRequestId(requestId) : error;
      }
    });
  };
}

async function send(
  lambda: Pick<LambdaClient, 'send'>,
  target: Target,
  payload: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const output = await invoke(lambda, target, payload, timeoutMs, signal);
  const requestId = output.$metadata.requestId;
  const json = parseJson(output.Payload);
  if (output.FunctionError !== undefined) throw functionFault(json, requestId);
  if (json !== undefined) return { json, requestId };
  throw new ShareVaultError('ResponseRejected', 'expected JSON in the response, got something else', { requestId });
}

async function invoke(
  lambda: Pick<LambdaClient, 'send'>,
  target: Target,
  payload: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<InvokeCommandOutput> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const abortSignal = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const command = new InvokeCommand({ FunctionName: target.functionName, Qualifier: target.actor, Payload: payload });
  try {
    return await lambda.send(command, { abortSignal });
  } catch (error) {
    signal?.throwIfAborted();
    throw invokeFault(timeout.aborted ? timeout.reason : error, target);
  }
}

/** Returns `undefined` for a text that is not JSON; the parser's message would quote it. */
function parseJson(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}
