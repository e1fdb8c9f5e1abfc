import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Address, addressText, parseAddress } from './address';

/** A proxy on loopback. */
export interface ConnectProxy {
  /** `http://127.0.0.1:PORT`, for `HTTPS_PROXY` */
  readonly url: string;
  /** Cuts every connection and waits until the port is free. Further calls do nothing. */
  close(): Promise<void>;
}

/** What a proxy's callers may reach. */
export interface ProxyAccess {
  /** Returns the reason that the callers can't reach an address. @default - they reach every stand-in */
  readonly obstacle?: ((address: Address) => string | undefined) | undefined;
  /** receives each refused `HOST:PORT` and the reason @default - none */
  readonly onRefused?: ((address: string, reason: string) => void) | undefined;
}

export interface ConnectProxyOptions extends ProxyAccess {
  /** Returns what takes connections to an address; undefined if no stand-in serves it. */
  readonly acceptorOf: (address: Address) => ((socket: Socket) => void) | undefined;
  /** responds to requests without a tunnel @default - they are refused with 405 */
  readonly onRequest?: RequestListener | undefined;
}

/** Starts a proxy that makes tunnels to stand-ins. Refuses other hosts with 403. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const sockets = new Set<Socket>();
  const server = createServer(options.onRequest ?? refuseRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    const address = parseAddress(request.url ?? '');
    const outcome = address === undefined ? UNKNOWN : decide(address, options);
    if (typeof outcome === 'string') {
      options.onRefused?.(address === undefined ? 'an unreadable address' : addressText(address), outcome);
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    } else {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      outcome(socket);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { url: `http://127.0.0.1:${port}`, close: () => (closed ??= close()) };
}

const refuseRequest: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(405, { allow: 'CONNECT' }).end();
};

const UNKNOWN = 'expected a host with a stand-in, got another';

/** Returns what takes the connection, or the reason of a refusal. */
function decide(address: Address, { acceptorOf, obstacle }: ConnectProxyOptions): string | ((socket: Socket) => void) {
  const acceptor = acceptorOf(address);
  return acceptor === undefined ? UNKNOWN : (obstacle?.(address) ?? acceptor);
}
