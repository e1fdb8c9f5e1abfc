import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerAuthority, createServerAuthority } from '../server-authority';
import { writePrivately } from '../services/files';
import { type Address, addressText } from './address';
import { type ConnectProxy, type ConnectProxyOptions, type ProxyAccess, startConnectProxy } from './connect-proxy';
import { listenerOf } from './listener';
import { faultControl } from './fault-control';
import { ServiceFaults } from './service-faults';
import type { StandIn } from './stand-in';
import { type TlsFaults, createTlsServer } from './tls';

export interface ElsewhereOptions {
  readonly standIns: readonly StandIn[];
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
  /** the faults that any program can also set by requests to `proxyUrl` */
  readonly serviceFaults: ServiceFaults;
  /** Opens a further proxy, for callers that don't reach every stand-in. Returns the value of `HTTPS_PROXY`. */
  openProxy(access: ProxyAccess): Promise<string>;
  /** Cuts every connection and waits until the ports are free. */
  close(): Promise<void>;
}

/** Starts stand-ins on loopback, with an authority that is made for this start. */
export async function startElsewhere({ standIns, dir, faults }: ElsewhereOptions): Promise<Elsewhere> {
  const authority = await createServerAuthority('stand-ins of services outside AWS');
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const caFile = join(folder, 'stand-ins-ca.pem');
  writePrivately(caFile, Buffer.from(authority.ca));
  const serviceFaults = new ServiceFaults(standIns);
  const servers = new Servers(standIns, serviceFaults, authority, faults);
  const proxies: ConnectProxy[] = [];
  const openProxy = async (access: ProxyAccess & Pick<ConnectProxyOptions, 'onRequest'>): Promise<string> => {
    const proxy = await startConnectProxy({ ...access, acceptorOf: (address) => servers.acceptorOf(address) });
    proxies.push(proxy);
    return proxy.url;
  };
  const proxyUrl = await openProxy({ onRequest: faultControl(serviceFaults) });
  const close = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    if (dir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { proxyUrl, caFile, serviceFaults, openProxy, close };
}

/** The servers of the stand-ins' addresses, made when an address is first called. */
class Servers {
  readonly #servers = new Map<string, Promise<Server>>();

  constructor(
    private readonly standIns: readonly StandIn[],
    private readonly serviceFaults: ServiceFaults,
    private readonly authority: ServerAuthority,
    private readonly faults: TlsFaults | undefined,
  ) {}

  acceptorOf(address: Address): ReturnType<ConnectProxyOptions['acceptorOf']> {
    const standIn = this.standIns.find((each) => each.serves(address.host, address.port));
    if (standIn === undefined) return undefined;
    return (socket) => {
      this.#serverOf(address, standIn).then(
        (server) => server.emit('connection', socket),
        () => socket.destroy(),
      );
    };
  }

  #serverOf(address: Address, standIn: StandIn): Promise<Server> {
    const text = addressText(address);
    const listener = listenerOf(this.serviceFaults.wrap(standIn), address);
    const server = this.#servers.get(text) ?? createTlsServer(address, this.authority, listener, this.faults);
    this.#servers.set(text, server);
    return server;
  }
}
