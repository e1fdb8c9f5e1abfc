import { type RequestOptions, request } from 'node:http';
import { LambdaError } from '../../../../../local/emulator/services/functions/errors';
import type { LambdaEndpoint } from '../../../../../local/emulator/services/functions/endpoint';
import { type HttpApi, startHttpApi } from '../../../../../local/emulator/services/http-api/server';

export interface Invoked {
  readonly functionName: string;
  readonly alias: string;
  readonly event: Readonly<Record<string, unknown>>;
}

export interface RunningApi extends AsyncDisposable {
  readonly api: HttpApi;
  readonly invoked: readonly Invoked[];
}

/** Starts an API with one route to a function that returns this response or is refused. */
export async function startApi(response: unknown, functionError = false): Promise<RunningApi> {
  const invoked: Invoked[] = [];
  const invoke: LambdaEndpoint['invoke'] = (functionName, event, alias) => {
    invoked.push({ functionName, alias, event: JSON.parse(event) as Invoked['event'] });
    if (response instanceof LambdaError) return Promise.reject(response);
    const body = JSON.stringify(response);
    return Promise.resolve({ body, functionError, requestId: 'r', version: '1', logTail: Buffer.alloc(0), problem: undefined }); // prettier-ignore
  };
  const routes = new Map([['POST /hook', { functionName: 'receive', alias: 'live' }]]);
  const api = await startHttpApi({ lambda: { invoke }, routes, accountId: '111122223333' });
  return { api, invoked, [Symbol.asyncDispose]: () => api.close() };
}

export interface ApiResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends a request unchanged. */
export function send(url: string, options: RequestOptions, body: Uint8Array = Buffer.alloc(0)): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() })); // prettier-ignore
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
