import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { isIP } from 'node:net';
import { type SecureContext, createSecureContext } from 'node:tls';
import type { IssuedCertificate, ServerAuthority } from '../server-authority';
import { addressOf } from './hosts';
import { type LoopbackServer, listenOnLoopback } from './loopback';

/** Faults of the server, for tests of clients. */
export interface TlsFaults {
  /** Returns the host whose certificate is presented instead of the requested one's. @default - the requested one's */
  readonly certificateOf?: ((host: string) => string) | undefined;
  /** the only version that the server speaks @default - TLS 1.2 and 1.3 */
  readonly onlyVersion?: 'TLSv1.1' | undefined;
}

export interface TlsServerOptions {
  readonly authority: ServerAuthority;
  /** the listeners of stand-ins by `HOST:PORT` */
  readonly listeners: ReadonlyMap<string, RequestListener>;
  readonly faults?: TlsFaults | undefined;
}

/**
 * Starts a server for all stand-ins. It takes the certificate from the name in the handshake and the stand-in from the
 * request's `Host`. Refuses requests for another host than the handshake's with 421.
 */
export async function startTlsServer({ authority, listeners, faults = {} }: TlsServerOptions): Promise<LoopbackServer> {
  const hosts = [...new Set([...listeners.keys()].map((address) => hostOf(address)))];
  const certificates = new Certificates(authority, faults.certificateOf);
  // a client that connects to an address sends no name: it gets the certificate for all addresses
  const unnamed = await authority.issue(hosts.filter((host) => isIP(host) !== 0));
  const { onlyVersion } = faults;
  const server = createServer(
    {
      cert: unnamed.certificate,
      key: unnamed.key,
      // OpenSSL refuses TLS 1.1 above its lowest security level
      ...(onlyVersion === undefined
        ? { minVersion: 'TLSv1.2' }
        : { minVersion: onlyVersion, maxVersion: onlyVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
      SNICallback: (host, done) => {
        if (!hosts.includes(host)) done(new Error('expected the name of a stand-in, got another'));
        else certificates.contextOf(host).then((context) => done(null, context), done);
      },
    },
    (request, response) => {
      const listener = listeners.get(requestedAddress(request) ?? '');
      if (listener !== undefined) {
        listener(request, response);
        return;
      }
      request.resume();
      response.writeHead(421).end();
    },
  );
  // failed handshakes: the client has the reason
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return listenOnLoopback(server);
}

/** The certificates, made when a host is first called. */
class Certificates {
  readonly #contexts = new Map<string, Promise<SecureContext>>();

  constructor(
    private readonly authority: ServerAuthority,
    private readonly certificateOf = (host: string): string => host,
  ) {}

  contextOf(host: string): Promise<SecureContext> {
    const named = this.certificateOf(host);
    const context = this.#contexts.get(named) ?? this.authority.issue([named]).then(contextFrom);
    this.#contexts.set(named, context);
    return context;
  }
}

function contextFrom({ certificate, key }: IssuedCertificate): SecureContext {
  return createSecureContext({ cert: certificate, key });
}

/** Returns the `HOST:PORT` of a request's `Host`; undefined if it isn't the host of the handshake. */
function requestedAddress({ headers, socket }: IncomingMessage): string | undefined {
  const address = addressOf(headers.host ?? '', 443);
  const host = hostOf(address ?? '');
  const named = 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
  const isSame = named === undefined ? isIP(host) !== 0 : named === host;
  return isSame ? address : undefined;
}

/** Returns the host of `HOST:PORT`. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
