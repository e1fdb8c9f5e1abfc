import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient, type ShareVaultClientOptions } from '../../../client/index';
import { type Credential, verifyRequest } from '../../../local/emulator/signature';
import { FakeFreezes } from './fake-freezes';
import { type Caller, ENVIRONMENT, FakeFunctions } from './fake-functions';
import { FakeRequests } from './fake-requests';
import { Fault } from './fault';

/** A fault of one invocation. */
export type Trouble =
  /** the connection breaks: before the function ran, or after it, so that its response is lost */
  | { readonly drop: 'before' | 'after' }
  /** the function throws */
  | { readonly fault: Fault }
  /** Lambda, or a proxy before it, responds in place of the function */
  | { readonly reply: { readonly status: number; readonly body: string; readonly errorType?: string } }
  /** the function returns another response */
  | { readonly response: (honest: Readonly<Record<string, unknown>>) => unknown }
  /** no response, and no end of the connection */
  | { readonly hang: true };

export interface SeenCall {
  readonly functionName: string;
  readonly qualifier: string;
  /** as it came */
  readonly payload: string;
}

const FUNCTIONS = {
  seal: 'vault-seal',
  unseal: 'vault-unseal',
  revoke: 'vault-revoke',
  properties: 'vault-properties',
  audit: 'vault-audit',
  freeze: 'vault-freeze',
  thaw: 'vault-thaw',
};
const REGION = 'eu-central-1';
const CONFIGURATION_PATH = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** A Lambda endpoint on loopback with a vault's functions. Each fault affects one of the next invocations. */
export class FakeVault {
  readonly functions = new FakeFunctions();
  readonly requests = new FakeRequests(this.functions);
  readonly freezes = new FakeFreezes();
  readonly calls: SeenCall[] = [];
  readonly troubles: Trouble[] = [];
  /** variables of functions by their names, for `GetFunctionConfiguration` */
  readonly variables = new Map<string, Readonly<Record<string, string>>>();
  /** as for a caller who may not decrypt with the functions' key: Lambda then tells so in place of the variables */
  hidesVariables = false;
  /** by how much its clock is ahead of this machine's */
  aheadMs = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      // a test that waits for the response sees a broken connection
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<FakeVault> {
    const server = createServer();
    const vault = new FakeVault(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return vault;
  }

  get endpoint(): string {
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  lambda(): LambdaClient {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return new LambdaClient({ endpoint: this.endpoint, region: REGION, credentials, maxAttempts: 1 });
  }

  client(options: Partial<ShareVaultClientOptions> = {}): ShareVaultClient {
    const { kid, publicKey } = this.functions;
    return new ShareVaultClient({
      environment: ENVIRONMENT,
      actor: 'signer',
      functions: FUNCTIONS,
      intakeKeys: [{ kid, publicKey }],
      lambda: this.lambda(),
      backoffMs: 0,
      ...options,
    });
  }

  /** Waits until so many calls have arrived. */
  async called(count: number): Promise<void> {
    while (this.calls.length < count) await setImmediate();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks = (await request.toArray()) as Buffer[];
    const payload = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '', this.endpoint);
    const configured = CONFIGURATION_PATH.exec(url.pathname)?.[1];
    if (configured !== undefined) {
      this.#configuration(decodeURIComponent(configured), response);
      return;
    }
    const functionName = decodeURIComponent(PATH.exec(url.pathname)?.[1] ?? '');
    const qualifier = url.searchParams.get('Qualifier') ?? '';
    this.calls.push({ functionName, qualifier, payload });

    const trouble = this.troubles.shift();
    const late = this.#untimely(request, Buffer.concat(chunks), response);
    if (late) return;
    if (trouble !== undefined && 'hang' in trouble) return;
    if (trouble !== undefined && 'drop' in trouble && trouble.drop === 'before') {
      response.destroy();
      return;
    }
    const requestId = randomUUID();
    response.setHeader('x-amzn-RequestId', requestId);
    if (trouble !== undefined && 'reply' in trouble) {
      reply(response, trouble.reply);
      return;
    }

    try {
      if (trouble !== undefined && 'fault' in trouble) throw trouble.fault;
      const honest = await this.#run(functionName, JSON.parse(payload), { actor: qualifier, requestId });
      if (trouble !== undefined && 'drop' in trouble) {
        response.destroy();
        return;
      }
      const sent = trouble === undefined ? honest : await trouble.response({ ...honest });
      response.end(typeof sent === 'string' || Buffer.isBuffer(sent) ? sent : JSON.stringify(sent));
    } catch (error) {
      const { errorType, message } = error instanceof Fault ? error : new Fault('Error', String(error));
      response.setHeader('X-Amz-Function-Error', 'Unhandled');
      response.end(JSON.stringify({ errorType, errorMessage: message, trace: [] }));
    }
  }

  #configuration(name: string, response: ServerResponse): void {
    const Variables = this.variables.get(name);
    const hidden = { Error: { ErrorCode: 'AccessDeniedException', Message: 'no permission on the key' } };
    const Environment = this.hidesVariables ? hidden : { Variables };
    if (Variables !== undefined) response.end(JSON.stringify({ FunctionName: name, Environment }));
    else reply(response, { status: 403, errorType: 'AccessDeniedException', body: '{}' });
  }

  /** Refuses requests signed more than five minutes from its own clock, as Lambda does, and returns its time. */
  #untimely(request: IncomingMessage, body: Buffer, response: ServerResponse): boolean {
    const now = (): number => Date.now() + this.aheadMs;
    response.setHeader('date', new Date(now()).toUTCString());
    const credential = { accessKeyId: 'local', secretAccessKey: 'local' } as Credential;
    const credentials = { find: () => credential };
    try {
      verifyRequest(request, body, { credentials, region: REGION, service: 'lambda', protocol: 'rest-json', now });
      return false;
    } catch (error) {
      const { name, message } = error as Error;
      reply(response, { status: 403, errorType: name, body: JSON.stringify({ message }) });
      return true;
    }
  }

  async #run(called: string, request: unknown, caller: Caller): Promise<object> {
    // the command line calls a deployed vault's functions
    const functionName = called.replace(/^share-vault-[a-z]+-/, 'vault-');
    if (functionName === FUNCTIONS.seal) return this.requests.seal(request, caller);
    if (functionName === FUNCTIONS.unseal) return this.requests.unseal(request, caller);
    if (functionName === FUNCTIONS.revoke) return this.requests.revoke(request, caller);
    if (functionName === FUNCTIONS.properties) return this.requests.properties(request);
    if (functionName === FUNCTIONS.freeze) return this.freezes.freeze(request, caller);
    if (functionName === FUNCTIONS.thaw) return this.freezes.thaw(request, caller);
    return this.requests.audit(request);
  }
}

function reply(
  response: ServerResponse,
  { status, body, errorType }: { readonly status: number; readonly body: string; readonly errorType?: string },
): void {
  response.statusCode = status;
  if (errorType !== undefined) response.setHeader('x-amzn-ErrorType', errorType);
  response.end(body);
}
