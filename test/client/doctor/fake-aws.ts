import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Response to one operation: an object as JSON, a text as XML, or an error by its name. */
export type Response = object | string | { readonly error: string };
export type Responses = Readonly<Record<string, Response>>;

/** AWS on loopback with fixed responses by operation, in each service's protocol. It ignores signatures. */
export class FakeAws {
  responses: Responses = {};
  readonly asked: string[] = [];
  /** kind of failure of every invoked function, as Lambda's header says it */
  functionError: string | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeAws> {
    const server = createServer();
    const fake = new FakeAws(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const operation = operationOf(request, body);
        fake.asked.push(operation);
        const sent = fake.responses[operation] ?? { error: 'AccessDenied' };
        const status = 'error' in Object(sent) ? 400 : 200;
        if (fake.functionError !== undefined) response.setHeader('x-amz-function-error', fake.functionError);
        response.writeHead(status, { 'content-type': contentType(request, body), date: new Date().toUTCString() });
        response.end(bodyOf(operation, sent, body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function operationOf({ headers, method = '', url = '' }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const action = new URLSearchParams(body).get('Action');
  if (action !== null) return action;
  const [path = ''] = url.split('?');
  if (/\/functions\/[^/]+\/configuration$/.test(path)) return `configuration ${path.split('/').at(-2) ?? ''}`;
  if (path.endsWith('/invocations')) return 'Invoke';
  if (path.endsWith('/policy')) return 'GetPolicy';
  return `${method} ${path}`;
}

const isQuery = (body: string): boolean => body.startsWith('Action=');

function contentType({ headers }: IncomingMessage, body: string): string {
  return isQuery(body) ? 'text/xml' : (headers['content-type'] ?? 'application/json');
}

function bodyOf(operation: string, response: Response, request: string): string {
  const { error } = Object(response) as { readonly error?: string };
  if (error !== undefined) {
    const type = `<ErrorResponse><Error><Code>${error}</Code><Message>no</Message></Error></ErrorResponse>`;
    return isQuery(request) ? type : JSON.stringify({ __type: error, message: 'no' });
  }
  if (typeof response === 'string') return `<${operation}Response><${operation}Result>${response}</${operation}Result></${operation}Response>`; // prettier-ignore
  return JSON.stringify(response);
}
