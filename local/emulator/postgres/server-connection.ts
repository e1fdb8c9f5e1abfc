import { once } from 'node:events';
import { connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import type { ClientCertificate } from './client-certificates';
import { StartupRefusal, TLS_REQUEST, take } from './startup';

/** The real server behind the proxy. */
export interface ServerPlace {
  readonly port: number;
  /** what its certificate must be for */
  readonly host: string;
  /** PEM of the authority that vouches for it */
  readonly ca: string;
}

/**
 * Opens TLS 1.3 to the server, up to where a start-up message is expected; the certificate says which database user
 * comes. Throws `StartupRefusal` where the server can't be reached, so that clients try again.
 */
export async function connectServer(
  { port, host, ca }: ServerPlace,
  certificate: ClientCertificate | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    socket.on('error', () => undefined);
    socket.write(TLS_REQUEST);
    const answer = await take(socket, 1, signal);
    if (answer.toString() !== 'S') throw new Error('expected the server to accept TLS, got a refusal');
    const login = certificate && { cert: certificate.certificate, key: certificate.key };
    const secure = connectTls({ socket, host, ca, minVersion: 'TLSv1.3', ...login });
    // whoever uses it learns of its end by its closing
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (cause) {
    socket.destroy();
    throw new StartupRefusal('57P03', 'the database system is not available', { cause });
  }
}
