import { once } from 'node:events';
import { request } from 'node:http';
import { type RequestOptions, request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as connectTls } from 'node:tls';

/** Makes a tunnel to `HOST:PORT` by a proxy. Throws the status if the proxy refuses. */
export async function openTunnel(proxyUrl: string, address: string): Promise<Socket> {
  const { hostname, port } = new URL(proxyUrl);
  const connecting = request({ hostname, port, method: 'CONNECT', path: address, agent: false }).end();
  const [response, socket] = (await Promise.race([once(connecting, 'connect'), once(connecting, 'response')])) as [
    { readonly statusCode: number },
    Socket,
  ];
  if (response.statusCode === 200) return socket;
  socket.destroy();
  throw new Error(`the proxy's status is ${response.statusCode}`);
}

/** Makes a TLS connection to `HOST:PORT` by a proxy. */
export async function openTls(
  proxyUrl: string,
  address: string,
  options: ConnectionOptions & { readonly ca: string },
): Promise<TLSSocket> {
  const servername = address.slice(0, address.lastIndexOf(':'));
  const secure = connectTls({ servername, ...options, socket: await openTunnel(proxyUrl, address) });
  await once(secure, 'secureConnect');
  return secure;
}

/** Sends a request through a connection. Returns the status and the body. */
export async function requestOver(
  socket: TLSSocket,
  options: RequestOptions,
  content?: string | Buffer,
): Promise<{ readonly status: number; readonly body: string }> {
  // with a connection of its own, a request takes 80 as the default port
  const sent = requestTls({ defaultPort: 443, ...options, createConnection: () => socket }).end(content);
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
  const chunks = await Array.fromAsync(response);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}
