import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerAuthority } from '../server-authority';
import { writePrivately } from '../services/files';
import { type ConnectProxy, type ProxyAccess, startConnectProxy } from './connect-proxy';
import { addressOf } from './hosts';
import { type TlsFaults, startTlsServer } from './tls-server';

/** A service outside AWS, as it is served here. */
export interface Served {
  /** the service's own hosts, as `HOST` or `HOST:PORT` */
  readonly hosts: readonly string[];
  respond(request: IncomingMessage, response: ServerResponse): void;
}

export interface ElsewhereOptions {
  readonly standIns: readonly Served[];
  /** the folder for the authority's certificate @default - a temporary folder, removed at the end */
  readonly dir?: string | undefined;
  /** faults of TLS, for tests of clients @default - none */
  readonly faults?: TlsFaults | undefined;
}

/** The stand-ins of services outside AWS, reachable under the services' own host names by a proxy. */
export interface Elsewhere {
  /** the value of `HTTPS_PROXY` for callers that reach every stand-in */
  readonly proxyUrl: string;
  /** the value of `NODE_EXTRA_CA_CERTS`: the authority that signs the stand-ins' certificates */
  readonly caFile: string;
  /** Opens a further proxy, for callers that don't reach every stand-in. Returns the value of `HTTPS_PROXY`. */
  openProxy(access: ProxyAccess): Promise<string>;
  /** Cuts every connection and waits until the ports are free. */
  close(): Promise<void>;
}

/** Starts stand-ins on loopback, with an authority that is made for this start. */
export async function startElsewhere({ standIns, dir, faults }: ElsewhereOptions): Promise<Elsewhere> {
  const authority = await createServerAuthority('stand-ins of services outside AWS');
  const listeners = listenersOf(standIns);
  const server = await startTlsServer({ authority, listeners, faults });
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const caFile = join(folder, 'stand-ins-ca.pem');
  writePrivately(caFile, Buffer.from(authority.ca));
  const proxies: ConnectProxy[] = [];
  const openProxy = async (access: ProxyAccess): Promise<string> => {
    const addresses = new Set(listeners.keys());
    const proxy = await startConnectProxy({ ...access, addresses, port: server.port });
    proxies.push(proxy);
    return proxy.url;
  };
  const proxyUrl = await openProxy({});
  const close = async (): Promise<void> => {
    await Promise.all([...proxies.map((proxy) => proxy.close()), server.close()]);
    if (dir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { proxyUrl, caFile, openProxy, close };
}

/** Returns the stand-ins' listeners by `HOST:PORT`. Throws if two stand-ins have the same address. */
function listenersOf(standIns: readonly Served[]): ReadonlyMap<string, RequestListener> {
  const listeners = new Map<string, RequestListener>();
  for (const standIn of standIns) {
    for (const host of standIn.hosts) {
      const address = addressOf(host, 443);
      if (address === undefined) throw new TypeError(`expected hosts like HOST or HOST:PORT, got ${host}`);
      if (listeners.has(address)) throw new TypeError(`expected a stand-in for each host, got two for ${address}`);
      listeners.set(address, (request, response) => standIn.respond(request, response));
    }
  }
  return listeners;
}
