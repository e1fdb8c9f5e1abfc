import { readFile } from 'node:fs/promises';
import { createClientAuthority } from './client-certificates';
import { SUPERUSER } from './cluster';
import { writePublicly } from './files';
import { type Authorise, startLoginProxy } from './login-proxy';
import { type Server, type ServerSetup, type Settings, startServer } from './server';

export interface IamLogins {
  /** authorises each login before it reaches the server @default - logins fail until `attachLogins` */
  readonly authorise?: Authorise | undefined;
  /** time limit of the TLS handshake and of the login, each, in milliseconds @default 10000 */
  readonly loginTimeoutMs?: number | undefined;
  /** users that log in with a password, checked by the server @default - the master and the superuser */
  readonly passwordUsers?: readonly string[] | undefined;
}

/** The port for clients, in front of the server. */
export interface LoginPort {
  /** PostgreSQL's own port */
  readonly serverPort: number;
  readonly attachLogins: (authorise: Authorise) => void;
}

export interface IamServerOptions {
  readonly iam: IamLogins;
  /** name of the cluster's master; it logs in with a password */
  readonly master: string;
  /** host name in the server's certificate */
  readonly host: string;
  /** port for clients @default - a free port */
  readonly port?: number | undefined;
  readonly settings?: Settings | undefined;
}

/**
 * The master comes first because it's a member of `rds_iam`, so that it can grant that role. Other members need a
 * certificate.
 */
const hba = (master: string) => `hostssl all ${master},${SUPERUSER} 127.0.0.1/32 scram-sha-256
hostssl all +rds_iam 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
`;

/** Starts the server on a free port and, on the given port, the proxy that accepts tokens. */
export async function startWithIam(
  site: ServerSetup,
  { iam: { authorise, ...iam }, master, host, port, settings }: IamServerOptions,
): Promise<Server & LoginPort> {
  const { caFile, certificateFile, keyFile, clientCaFile, hbaFile } = site.folder;
  const authority = await createClientAuthority();
  await writePublicly(clientCaFile, authority.ca);
  await writePublicly(hbaFile, hba(master));
  const server = await startServer({
    ...site,
    port: undefined,
    settings: { ssl_ca_file: clientCaFile, ...settings },
  });
  try {
    const proxy = await startLoginProxy({
      server: { port: server.port, host, ca: await readFile(caFile, 'utf8') },
      certificate: await readFile(certificateFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
      authority,
      passwordUsers: [master, SUPERUSER],
      port,
      ...iam,
    });
    const stop = async () => {
      // the server stops first, so that its last messages still reach the clients
      await server.stop();
      await proxy.close();
    };
    if (authorise !== undefined) proxy.attach(authorise);
    const attachLogins = (by: Authorise): void => proxy.attach(by);
    return { ...server, port: proxy.port, serverPort: server.port, attachLogins, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
