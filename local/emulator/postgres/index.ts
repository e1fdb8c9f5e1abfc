import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { serverAccount } from './account';
import { findBinaries } from './binaries';
import { type DatabaseNames, SUPERUSER, ensureCluster } from './cluster';
import { openConnection } from './connection';
import { ensureCertificate, openDataFolder } from './files';
import { type Front, type IamLogins, startWithIam } from './iam';
import type { Authorise } from './login-proxy';
import { releaseCluster } from './running';
import { newPassword, scramVerifier } from './scram';
import { type Server, type ServerSite, type Settings, startServer } from './server';

export type { Authorise, DatabaseNames, IamLogins };

export interface LocalPostgresOptions {
  /** made where it is missing, kept across starts */
  readonly dataDir: string;
  readonly names: DatabaseNames;
  /** @default - `postgres.log` in the data folder */
  readonly logFile?: string | undefined;
  /** @default - a free port */
  readonly port?: number | undefined;
  /** server settings over the local defaults, such as `log_statement`, `max_connections`, `ssl_max_protocol_version` */
  readonly settings?: Settings | undefined;
  /** PostgreSQL's `bin`, `lib` and `share` @default - those of the package */
  readonly programsDir?: string | undefined;
  /** what the certificate is for @default ['localhost', '127.0.0.1'] */
  readonly certificateHosts?: readonly string[] | undefined;
  /** as in Aurora: everybody but the master and the superuser logs in with an IAM token @default - with a password */
  readonly iam?: IamLogins | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A running PostgreSQL: loopback alone, TLS 1.3, a certificate of its own authority, passwords as SCRAM. */
export interface LocalPostgres {
  readonly host: 'localhost';
  readonly port: number;
  /** PostgreSQL's own: the same, except with IAM logins, whose users it takes by certificate alone */
  readonly serverPort: number;
  readonly database: string;
  /** PEM of the authority that vouches for it; remade with the certificate */
  readonly caFile: string;
  readonly logFile: string;
  /** the server's process */
  readonly pid: number;
  /** creates roles and databases, is no superuser: what an Aurora cluster's master is */
  readonly master: Login;
  readonly superuser: Login;
  /** Decides on logins by token from now on: those before are told that the database starts. */
  attachLogins(authorise: Authorise): void;
  /** Gives a role a new random password, and returns it; needs TLS 1.3 to be on. */
  setPassword(user: string): Promise<string>;
  /** Ends connections, rolls open transactions back, and stops. A second call does nothing. */
  stop(): Promise<void>;
}

const HOSTS = ['localhost', '127.0.0.1'];
/** TLS or nothing, SCRAM or nothing, this machine or nothing. */
const HBA = 'hostssl all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Starts PostgreSQL on this machine. It ends when `stop` is called or when this process ends, killed or not; a server
 * that outlived its starter is stopped first. Throws where the folder is in use or can't be reached by the server's user.
 */
export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const { names } = options;
  const account = serverAccount();
  const folder = await openDataFolder(resolve(options.dataDir), account);
  const programs = await findBinaries(account, folder.programs, options.programsDir);
  await ensureCluster(folder, programs, account, names);
  await releaseCluster(folder.cluster);
  const hosts = options.certificateHosts ?? HOSTS;
  await ensureCertificate(folder, hosts, account);
  const logFile = resolve(options.logFile ?? folder.logFile);
  const site = { folder, programs, account, logFile };
  const { port, serverPort, pid, attachLogins, stop } = await (options.iam
    ? startWithIam(site, { ...options, iam: options.iam, master: names.master, host: hosts[0] ?? 'localhost' })
    : startWithPasswords(site, options));
  const superuser = { user: SUPERUSER, password: await readFile(folder.superuserPasswordFile, 'utf8') };
  const master = { user: names.master, password: await readFile(folder.masterPasswordFile, 'utf8') };
  const place = { host: 'localhost', port, database: names.database, caFile: folder.caFile } as const;
  const setPassword = async (user: string) => {
    const password = newPassword();
    const client = await openConnection({ ...place, port: serverPort }, superuser.user, superuser.password);
    try {
      await client.query(`ALTER ROLE ${client.escapeIdentifier(user)} PASSWORD '${scramVerifier(password)}'`);
    } finally {
      await client.end();
    }
    return password;
  };
  return { ...place, serverPort, logFile, pid, master, superuser, attachLogins, setPassword, stop };
}

async function startWithPasswords(
  site: ServerSite,
  { port, settings = {} }: LocalPostgresOptions,
): Promise<Server & Front> {
  await writeFile(site.folder.hbaFile, HBA, { mode: 0o644 });
  const server = await startServer({ ...site, port, settings });
  return { ...server, serverPort: server.port, attachLogins: () => undefined };
}
