import { type IncomingMessage, createServer } from 'node:http';
import { type Socket, connect } from 'node:net';
import { splice } from '../splice';
import { addressOf } from './hosts';
import { listenOnLoopback } from './loopback';

/** A proxy on loopback. */
export interface ConnectProxy {
  /** `http://127.0.0.1:PORT`, for `HTTPS_PROXY` */
  readonly url: string;
  /** Cuts every tunnel and waits until the port is free. */
  close(): Promise<void>;
}

/** What a proxy's callers may reach. */
export interface ProxyAccess {
  /** Returns the reason that the callers can't reach `HOST:PORT`. @default - they reach every stand-in */
  readonly obstacle?: ((address: string) => string | undefined) | undefined;
  /** receives each refused address and the reason @default - none */
  readonly onRefused?: ((address: string, reason: string) => void) | undefined;
}

export interface ConnectProxyOptions extends ProxyAccess {
  /** the stand-ins' addresses, `HOST:PORT` */
  readonly addresses: ReadonlySet<string>;
  /** the port of their server on loopback */
  readonly port: number;
}

/** Starts a proxy that makes tunnels to stand-ins. Refuses other hosts with 403, and requests without a tunnel with 405. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(405, { allow: 'CONNECT' }).end();
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => undefined);
    const address = addressOf(request.url ?? '', 443);
    const reason = obstacleOf(address, options);
    if (reason === undefined) {
      tunnel(client, head, options.port);
      return;
    }
    options.onRefused?.(address ?? 'an unreadable address', reason);
    client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  const listening = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${listening.port}`, close: () => listening.close() };
}

function obstacleOf(address: string | undefined, { addresses, obstacle }: ConnectProxyOptions): string | undefined {
  if (address === undefined || !addresses.has(address)) return 'expected the address of a stand-in, got another';
  return obstacle?.(address);
}

/** Connects to the stand-ins' server and passes bytes both ways. */
function tunnel(client: Socket, head: Buffer, port: number): void {
  const target = connect(port, '127.0.0.1');
  target.on('error', () => undefined);
  target.once('connect', () => client.write('HTTP/1.1 200 Connection Established\r\n\r\n'));
  target.write(head);
  splice(client, target);
}
