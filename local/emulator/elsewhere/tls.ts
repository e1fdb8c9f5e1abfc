import type { RequestListener } from 'node:http';
import { type Server, createServer } from 'node:https';
import type { IssuedCertificate, ServerAuthority } from '../server-authority';
import type { Address } from './address';

/** Faults of TLS, for tests of clients. */
export interface TlsFaults {
  /** Returns the host whose certificate is presented instead of the requested one's. @default - the requested one's */
  readonly certificateOf?: ((host: string) => string) | undefined;
  /** Returns a host's certificate, such as one that expired. @default - a valid one of the stand-ins' authority */
  readonly issue?: ((host: string, authority: ServerAuthority) => Promise<IssuedCertificate>) | undefined;
  /** the only version that the servers speak @default - TLS 1.2 and 1.3 */
  readonly onlyVersion?: 'TLSv1.1' | undefined;
}

/**
 * Creates a server with a certificate for one host. It doesn't listen: a proxy passes connections to it. Refuses
 * handshakes for other names.
 */
export async function createTlsServer(
  { host }: Address,
  authority: ServerAuthority,
  listener: RequestListener,
  { certificateOf = (name) => name, issue = (name, signer) => signer.issue([name]), onlyVersion }: TlsFaults = {},
): Promise<Server> {
  const { certificate, key } = await issue(certificateOf(host), authority);
  const server = createServer(
    {
      cert: certificate,
      key,
      // OpenSSL refuses TLS 1.1 above its lowest security level
      ...(onlyVersion === undefined
        ? { minVersion: 'TLSv1.2' }
        : { minVersion: onlyVersion, maxVersion: onlyVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
      // clients name no address in the handshake
      SNICallback: (name, done) =>
        name === host ? done(null) : done(new Error(`expected a handshake for ${host}, got another name`)),
    },
    listener,
  );
  // the client has the reason
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}
