import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startAwsServer } from '../../../../../../local/emulator/services';
import {
  type FunctionOptions,
  type LambdaEndpoint,
  type LambdaEndpointOptions,
  type LogLine,
  createLambdaEndpoint,
} from '../../../../../../local/emulator/services/functions/endpoint';
import { interceptor } from '../../kms/support';

export const REGION = 'eu-central-1';
export const ACCOUNT = '123456789012';
export const ACTIONS = join(__dirname, '..', 'fixtures', 'actions');

export const CREDENTIALS = { accessKeyId: 'ASIAOFTHESEALROLE000', secretAccessKey: 'made up', sessionToken: 'too' };

/** Returns options of a function that runs its event's action. */
export const actions = (options: Partial<FunctionOptions> = {}): FunctionOptions => ({
  name: 'seal',
  bundleDir: ACTIONS,
  aliases: ['signer'],
  credentials: () => CREDENTIALS,
  // long, so that tests of other behaviour don't time out on a slow machine
  timeoutMs: 60_000,
  initTimeoutMs: 60_000,
  ...options,
});

export interface RunningLambda extends AsyncDisposable {
  readonly endpoint: LambdaEndpoint;
  readonly url: string;
  readonly logs: readonly LogLine[];
  /** Returns the function's response, parsed, with values from the headers. */
  invoke(payload: unknown, input?: Partial<InvokeCommandInput>): Promise<FunctionResponse>;
}

export interface FunctionResponse {
  readonly status: number | undefined;
  readonly functionError: string | undefined;
  readonly version: string | undefined;
  readonly requestId: string | undefined;
  readonly logTail: string;
  readonly body: unknown;
}

/** Starts an endpoint with a server of its own, and the AWS SDK's client for it. */
export async function startLambda(
  functions: readonly FunctionOptions[],
  options: Partial<LambdaEndpointOptions> = {},
): Promise<RunningLambda> {
  const logs: LogLine[] = [];
  const endpoint = createLambdaEndpoint({ region: REGION, accountId: ACCOUNT, functions, onLog: (line) => logs.push(line), ...options }); // prettier-ignore
  const others = interceptor(() => true, { status: 421 });
  const server = await startAwsServer({ services: [endpoint, others] });
  const { url } = server;
  const client = clientOf(url);
  return {
    endpoint,
    url,
    logs,
    invoke: (payload, input) => invoke(client, payload, input),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await endpoint.close();
      await server.close();
    },
  };
}

export function clientOf(endpoint: string): LambdaClient {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'an example' };
  return new LambdaClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
}

export async function invoke(
  client: LambdaClient,
  payload: unknown,
  input: Partial<InvokeCommandInput> = {},
): Promise<FunctionResponse> {
  const Payload = payload === undefined ? undefined : JSON.stringify(payload);
  const output = await client.send(new InvokeCommand({ FunctionName: 'seal', Payload, ...input }));
  const text = output.Payload?.transformToString() ?? '';
  return {
    status: output.StatusCode,
    functionError: output.FunctionError,
    version: output.ExecutedVersion,
    requestId: output.$metadata.requestId,
    logTail: Buffer.from(output.LogResult ?? '', 'base64').toString(),
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

/** Waits until a condition is true. Throws before the test's own time limit, so that the test can still clean up. */
export async function until(condition: () => boolean): Promise<void> {
  const lastTry = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > lastTry) throw new Error('expected it to become true, got false to the end');
    await delay(5);
  }
}
