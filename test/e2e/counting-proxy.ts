import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** number of times a client sent after its server: round trips, with any content */
  roundTrips(): number;
  close(): Promise<void>;
}

/** Forwards bytes to a local port and counts changes of direction. TLS hides everything else from it. */
export async function startCountingProxy(target: number): Promise<CountingProxy> {
  let roundTrips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let speaker: 'client' | 'server' = 'server';
    client.on('data', () => {
      if (speaker === 'server') roundTrips += 1;
      speaker = 'client';
    });
    upstream.on('data', () => (speaker = 'server'));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    roundTrips: () => roundTrips,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
