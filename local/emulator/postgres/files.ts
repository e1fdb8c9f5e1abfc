import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { passableFolder } from '../services/files';
import { type Account, closedFolder } from './account';
import { createCertificate, isStillValid } from './certificates';
import { newPassword } from './scram';

/** Paths of one local PostgreSQL. */
export interface DataFolder {
  /** PostgreSQL's own data directory */
  readonly cluster: string;
  /** a copy of the programs, if the server's account can't reach the package */
  readonly programs: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** the authority of client certificates; new at each start */
  readonly clientCaFile: string;
  readonly hbaFile: string;
  readonly superuserPasswordFile: string;
  readonly masterPasswordFile: string;
  readonly logFile: string;
}

/** Creates the folder if it's missing and returns its paths. Throws if the server's account can't reach it. */
export async function prepareDataFolder(dataDir: string, account: Account | undefined): Promise<DataFolder> {
  passableFolder(join(dataDir, 'tls'));
  // the account may pass through the folder but not list it; existing parent folders stay unchanged
  if (account !== undefined) {
    for (const folder of [dataDir, join(dataDir, 'tls')]) await chmod(folder, (await stat(folder)).mode | 0o011);
  }
  const closed = await closedFolder(dataDir, account);
  if (closed !== undefined && account !== undefined) {
    throw new Error(`expected a data folder that the user ${account.name} can reach, got one below ${closed}`);
  }
  return {
    cluster: join(dataDir, 'cluster'),
    programs: join(dataDir, 'programs'),
    caFile: join(dataDir, 'tls', 'ca.pem'),
    certificateFile: join(dataDir, 'tls', 'server.pem'),
    keyFile: join(dataDir, 'tls', 'server.key'),
    clientCaFile: join(dataDir, 'tls', 'clients.pem'),
    hbaFile: join(dataDir, 'pg_hba.conf'),
    superuserPasswordFile: join(dataDir, 'superuser-password'),
    masterPasswordFile: join(dataDir, 'master-password'),
    logFile: join(dataDir, 'postgres.log'),
  };
}

/** Creates the certificate if it's missing, for other hosts, or near its end. */
export async function ensureCertificate(
  folder: DataFolder,
  hosts: readonly string[],
  account: Account | undefined,
): Promise<void> {
  const existing = await readIfExists(folder.certificateFile);
  if (existing !== undefined && isStillValid(existing, hosts, Date.now())) return;
  const created = await createCertificate(hosts);
  await writePublicly(folder.caFile, created.ca);
  await writeFile(folder.keyFile, created.key, { mode: 0o600 });
  await changeOwner(account, folder.keyFile);
  // written last: the next start checks only this file
  await writePublicly(folder.certificateFile, created.certificate);
}

/** Writes a file that every user may read, whatever the umask is: the server's account has to. */
export async function writePublicly(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o644 });
  await chmod(file, 0o644);
}

/** Returns the password in the file; creates both if they are missing. Only the owner may read the file. */
export async function ensurePassword(file: string): Promise<string> {
  const existing = await readIfExists(file);
  if (existing !== undefined && existing !== '') return existing;
  const password = newPassword();
  await writeFile(file, password, { mode: 0o600 });
  await chmod(file, 0o600);
  return password;
}

export async function changeOwner(account: Account | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

export async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
