import { type RequestListener, createServer } from 'node:http';

/** A port on loopback that listens before a listener is attached, so that its address can be passed on early. */
export interface BoundPort {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Passes requests to a listener from now on; earlier requests get the status 503. */
  attach(listener: RequestListener): void;
  /** Cuts every connection and waits until the port is free. Further calls do nothing. */
  close(): Promise<void>;
}

/** Longer than clients keep idle connections, so that none is closed while a request is sent. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Binds a port on loopback. Throws if it is in use.
 *
 * @param port @default - a free port
 */
export async function bindPort(port?: number): Promise<BoundPort> {
  const server = createServer(unavailable);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(inUse(error, port)));
    server.listen(port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port, got none');
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${address.port}`,
    attach: (listener) => void server.off('request', unavailable).on('request', listener),
    close: () => (closed ??= close()),
  };
}

const unavailable: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(503).end();
};

function inUse(error: Error, port: number | undefined): Error {
  const taken = 'code' in error && error.code === 'EADDRINUSE';
  return taken ? new Error(`expected a free port, got ${String(port)}, which is in use`, { cause: error }) : error;
}
