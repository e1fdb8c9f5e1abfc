import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Account } from './account';
import type { Binaries } from './binaries';
import { type DataFolder, ensurePassword, giveTo } from './files';
import { scramVerifier } from './scram';
import { requireSameMajor } from './version';

export const SUPERUSER = 'postgres';
export const MASTER = 'share_vault_master';
export const DATABASE = 'share_vault';

/** What child processes see of the environment: nothing of the caller's, whose `PG…` variables would reach the server. */
export const SERVER_ENV = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

const run = promisify(execFile);

/**
 * Makes the data directory: built beside its place and moved there when complete, so that an interrupted one is never
 * taken for a whole one. Throws if it exists and another major version made it.
 */
export async function ensureCluster(
  folder: DataFolder,
  programs: Binaries,
  account: Account | undefined,
): Promise<void> {
  if (existsSync(folder.cluster)) return requireSameMajor(folder.cluster, programs.postgres);
  const unfinished = `${folder.cluster}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await giveTo(account, unfinished);
  const options = { env: SERVER_ENV, cwd: unfinished, ...(account && { uid: account.uid, gid: account.gid }) };
  await run(programs.initdb, ['-D', unfinished, '-U', SUPERUSER, ...INITDB], options);
  const superuser = scramVerifier(await ensurePassword(folder.superuserPasswordFile));
  const master = scramVerifier(await ensurePassword(folder.masterPasswordFile));
  // single-user mode: no port is open before the roles have their passwords
  const server = run(programs.postgres, ['--single', '-D', unfinished, ...SINGLE, 'postgres'], options);
  server.child.stdin?.end(firstStatements(superuser, master));
  await server;
  await rename(unfinished, folder.cluster);
}

const INITDB = ['--no-sync', '--no-instructions', '--auth=reject', '--encoding=UTF8', '--locale=C'];
const SINGLE = ['-j', '-c', 'exit_on_error=on', '-c', 'log_statement=none', '-c', 'log_min_error_statement=panic'];

/** As in Aurora: the master is no superuser, and may pass on the role that lets others log in with IAM tokens. */
function firstStatements(superuser: string, master: string): string {
  const statements = [
    `ALTER ROLE ${SUPERUSER} PASSWORD '${superuser}'`,
    'CREATE ROLE rds_superuser NOLOGIN',
    'CREATE ROLE rds_iam NOLOGIN',
    `CREATE ROLE ${MASTER} LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD '${master}'`,
    `GRANT rds_superuser TO ${MASTER}`,
    `GRANT rds_iam TO ${MASTER} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`,
    `CREATE DATABASE ${DATABASE} OWNER ${MASTER}`,
    `ALTER DATABASE postgres OWNER TO ${MASTER}`,
    `ALTER DATABASE template1 OWNER TO ${MASTER}`,
  ];
  return statements.map((statement) => `${statement};\n\n`).join('');
}
