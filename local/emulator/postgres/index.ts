import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { serverAccount } from './account';
import { findBinaries } from './binaries';
import { type DatabaseNames, SUPERUSER, ensureCluster } from './cluster';
import { connectDatabase } from './connection';
import { ensureCertificate, prepareDataFolder, writePublicly } from './files';
import { type LoginPort, type IamLogins, startWithIam } from './iam';
import type { Authorise } from './login-proxy';
import { releaseCluster } from './running';
import { newPassword, scramVerifier } from './scram';
import { type Server, type ServerSetup, type Settings, startServer } from './server';

export type { Authorise, DatabaseNames, IamLogins };

export interface LocalPostgresOptions {
  /** created if it's missing, kept across starts */
  readonly dataDir: string;
  readonly names: DatabaseNames;
  /** @default - `postgres.log` in the data folder */
  readonly logFile?: string | undefined;
  /** @default - a free port */
  readonly port?: number | undefined;
  /** settings that override the defaults, such as `log_statement`, `max_connections`, `ssl_max_protocol_version` */
  readonly settings?: Settings | undefined;
  /** folder with PostgreSQL's `bin`, `lib` and `share` @default - that of the package */
  readonly programsDir?: string | undefined;
  /** hosts in the certificate @default ['localhost', '127.0.0.1'] */
  readonly certificateHosts?: readonly string[] | undefined;
  /** as in Aurora, all users but the master and the superuser log in with IAM tokens @default - with passwords */
  readonly iam?: IamLogins | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A running PostgreSQL: only on loopback, with TLS 1.3, a certificate of its own authority and SCRAM passwords. */
export interface LocalPostgres {
  readonly host: 'localhost';
  readonly port: number;
  /** PostgreSQL's own port. It differs from `port` with IAM logins: there it accepts their users only by certificate */
  readonly serverPort: number;
  readonly database: string;
  /** file of the certificate's authority (PEM); replaced with the certificate */
  readonly caFile: string;
  readonly logFile: string;
  /** the server's process */
  readonly pid: number;
  /** creates roles and databases but is no superuser, as an Aurora cluster's master */
  readonly master: Login;
  readonly superuser: Login;
  /** Authorises logins by token from now on; earlier ones fail because the database is starting. */
  attachLogins(authorise: Authorise): void;
  /** Sets a new random password for a role and returns it. Needs TLS 1.3. */
  setPassword(user: string): Promise<string>;
  /** Ends connections, rolls back open transactions and stops. Further calls do nothing. */
  stop(): Promise<void>;
}

const HOSTS = ['localhost', '127.0.0.1'];
/** Accepts only TLS, SCRAM and connections from this machine. */
const HBA = 'hostssl all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Starts PostgreSQL. It runs until `stop` is called or this process ends, even by a kill. Stops a server that outlived
 * its starter first. Throws if the folder is in use or the server's user can't reach it.
 */
export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const { names } = options;
  const account = serverAccount();
  const folder = await prepareDataFolder(resolve(options.dataDir), account);
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
    const client = await connectDatabase({ ...place, port: serverPort }, superuser.user, superuser.password);
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
  site: ServerSetup,
  { port, settings = {} }: LocalPostgresOptions,
): Promise<Server & LoginPort> {
  await writePublicly(site.folder.hbaFile, HBA);
  const server = await startServer({ ...site, port, settings });
  return { ...server, serverPort: server.port, attachLogins: () => undefined };
}
