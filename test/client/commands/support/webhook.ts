import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signBody } from '../../../../client/delivery';

/** A fault: the response to a delivery in place of the vault's. */
export interface Response {
  readonly status: number;
  /** @default - none */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Trouble = Response | 'drop' | 'hang';

export interface Received {
  readonly method: string;
  readonly eventName: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const CODES: Readonly<Record<string, string>> = {
  ping: 'Pong',
  'wallet.delegation.created': 'Sealed',
  'wallet.delegation.revoked': 'Destroyed',
};

/** An endpoint on loopback that checks signatures and responds as the vault does. Faults affect the next deliveries. */
export class Webhook {
  readonly received: Received[] = [];
  readonly troubles: (Trouble | undefined)[] = [];
  readonly #server: Server;

  private constructor(
    server: Server,
    readonly url: string,
  ) {
    this.#server = server;
  }

  static async start(secret: () => string): Promise<Webhook> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const webhook = new Webhook(server, `http://127.0.0.1:${port}/webhooks/dynamic`);
    server.on('request', (request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const body = Buffer.concat(chunks);
        const { eventName, data } = JSON.parse(body.toString()) as Received;
        webhook.received.push({ method: `${request.method ?? ''} ${request.url ?? ''}`, eventName, data });
        const trouble = webhook.troubles.shift();
        if (trouble === 'hang') return;
        if (trouble === 'drop') {
          request.socket.destroy();
          return;
        }
        const signed = request.headers['x-dynamic-signature-256'] === signBody(body, secret());
        const honest = signed
          ? { status: 200, body: { code: CODES[eventName], requestId: 'request-1' } }
          : { status: 401, body: { code: 'SignatureMismatch', requestId: 'request-1' } };
        const { status, body: sent, headers = {} }: Response = trouble ?? honest;
        response.writeHead(status, headers).end(typeof sent === 'string' ? sent : JSON.stringify(sent));
      });
    });
    return webhook;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
