import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, barrier } from './account';
import { makeCertificate, stillGood } from './certificates';
import { newPassword } from './scram';

/** Where everything of one local PostgreSQL lives. */
export interface DataFolder {
  /** PostgreSQL's own data directory */
  readonly cluster: string;
  /** a copy of the programs, where the server's account can't reach the package */
  readonly programs: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** the authority of certificates that clients show; made anew at each start */
  readonly clientCaFile: string;
  readonly hbaFile: string;
  readonly superuserPasswordFile: string;
  readonly masterPasswordFile: string;
  readonly logFile: string;
}

/** Makes the folder where it is missing, and says where its parts are. Throws where the server could not reach it. */
export async function openDataFolder(dataDir: string, account: Account | undefined): Promise<DataFolder> {
  await mkdir(join(dataDir, 'tls'), { recursive: true, mode: 0o711 });
  // to be passed through, not to be listed; folders above it are not ours to open
  if (account !== undefined) await chmod(dataDir, (await stat(dataDir)).mode | 0o011);
  const closed = await barrier(dataDir, account);
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

/** Makes the certificate where it is missing, for other hosts, or near its end. */
export async function ensureCertificate(
  folder: DataFolder,
  hosts: readonly string[],
  account: Account | undefined,
): Promise<void> {
  const standing = await readIfThere(folder.certificateFile);
  if (standing !== undefined && stillGood(standing, hosts, Date.now())) return;
  const made = await makeCertificate(hosts);
  await writeFile(folder.caFile, made.ca, { mode: 0o644 });
  await writeFile(folder.keyFile, made.key, { mode: 0o600 });
  await giveTo(account, folder.keyFile);
  // last: it is what the next start looks at
  await writeFile(folder.certificateFile, made.certificate, { mode: 0o644 });
}

/** The password in the file; a new one, where there is none yet. Readable by its owner alone. */
export async function ensurePassword(file: string): Promise<string> {
  const standing = await readIfThere(file);
  if (standing !== undefined && standing !== '') return standing;
  const password = newPassword();
  await writeFile(file, password, { mode: 0o600 });
  await chmod(file, 0o600);
  return password;
}

export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
