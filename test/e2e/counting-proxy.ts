import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** how often a client spoke after its server had: round trips, whatever was in them */
  roundTrips(): number;
  close(): Promise<void>;
}

/** Passes bytes on to a port of this machine and counts how often the direction turned; TLS hides the rest from it. */
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
