import { readFile, writeFile } from 'node:fs/promises';
import { makeClientAuthority } from './client-certificates';
import { SUPERUSER } from './cluster';
import { type Authorise, startLoginProxy } from './login-proxy';
import { type Server, type ServerSite, type Settings, startServer } from './server';

export interface IamLogins {
  /** decides on each login before the server is asked @default - none succeeds before `attachLogins` */
  readonly authorise?: Authorise | undefined;
  /** how long TLS, and then the login, may each take, in milliseconds @default 10000 */
  readonly loginTimeoutMs?: number | undefined;
  /** users that log in by password, with the server itself @default - the master and the superuser */
  readonly passwordUsers?: readonly string[] | undefined;
}

/** What stands between clients and the server. */
export interface Front {
  /** PostgreSQL's own */
  readonly serverPort: number;
  readonly attachLogins: (authorise: Authorise) => void;
}

export interface IamServerOptions {
  readonly iam: IamLogins;
  /** of the cluster's master, who logs in by password */
  readonly master: string;
  /** what the server's certificate is for */
  readonly host: string;
  /** where clients log in; a free one where absent */
  readonly port?: number | undefined;
  readonly settings?: Settings | undefined;
}

/** The master is a member of `rds_iam`, to pass it on: it comes first. The other members show a certificate, or nothing helps. */
const hba = (master: string) => `hostssl all ${master},${SUPERUSER} 127.0.0.1/32 scram-sha-256
hostssl all +rds_iam 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
`;

/** The server on a free port, and before it, on the port that was asked for, who understands tokens. */
export async function startWithIam(
  site: ServerSite,
  { iam: { authorise, ...iam }, master, host, port, settings }: IamServerOptions,
): Promise<Server & Front> {
  const { caFile, certificateFile, keyFile, clientCaFile, hbaFile } = site.folder;
  const authority = await makeClientAuthority();
  await writeFile(clientCaFile, authority.ca, { mode: 0o644 });
  await writeFile(hbaFile, hba(master), { mode: 0o644 });
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
      // first, so that its last words still reach its clients
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
