import { type Server, type Socket, connect, createServer } from 'node:net';
import { lastingPort } from '../support/ports';

/** A proxy between a function and its database, on one port of this machine. */
export interface SwitchedProxy {
  readonly port: number;
  /** Closes every connection and accepts no new one, as if the database were gone. */
  off(): Promise<void>;
  /** Accepts connections again, on the same port. */
  on(): Promise<void>;
}

export async function startSwitchedProxy(target: number): Promise<SwitchedProxy> {
  const sockets = new Set<Socket>();
  const port = await lastingPort();
  let server = await listen(target, sockets, port);
  return {
    port,
    off: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
    on: async () => {
      server = await listen(target, sockets, port);
    },
  };
}

async function listen(target: number, sockets: Set<Socket>, port: number): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}
