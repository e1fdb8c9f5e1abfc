import { once } from 'node:events';
import { connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import type { ClientCertificate } from './client-certificates';
import { StartupRefusal, TLS_REQUEST, readExactly } from './startup';

/** The address of the server behind the proxy. */
export interface ServerAddress {
  readonly port: number;
  /** host name that its certificate must have */
  readonly host: string;
  /** authority of its certificate (PEM) */
  readonly ca: string;
}

/**
 * Connects to the server with TLS 1.3; the server then expects a start-up message. The certificate names the database
 * user. Throws `StartupRefusal` if the server is unreachable, so that clients retry.
 */
export async function connectServer(
  { port, host, ca }: ServerAddress,
  certificate: ClientCertificate | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    socket.on('error', () => undefined);
    socket.write(TLS_REQUEST);
    const response = await readExactly(socket, 1, signal);
    if (response.toString() !== 'S') throw new Error('expected the server to accept TLS, got a refusal');
    const login = certificate && { cert: certificate.certificate, key: certificate.key };
    const secure = connectTls({ socket, host, ca, minVersion: 'TLSv1.3', ...login });
    // users of the socket handle its close event
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (cause) {
    socket.destroy();
    throw new StartupRefusal('57P03', 'the database system is not available', { cause });
  }
}
