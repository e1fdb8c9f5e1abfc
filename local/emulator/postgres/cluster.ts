import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Account } from './account';
import type { Binaries } from './binaries';
import { type DataFolder, ensurePassword, changeOwner } from './files';
import { scramVerifier } from './scram';
import { namingPrefix } from './user-name';
import { requireSameMajor } from './version';

/** PostgreSQL's default superuser. */
export const SUPERUSER = 'postgres';

/** Names that need no quotes in SQL. Later starts must use the same names as the first one. */
export interface DatabaseNames {
  readonly database: string;
  /** creates roles and databases but is no superuser, as an Aurora cluster's master */
  readonly master: string;
}

/** The environment of child processes. It has no variables of this process: `PG…` variables would reach the server. */
export const SERVER_ENV = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

const run = promisify(execFile);

/**
 * Creates the data directory under another name and renames it when it's complete, so that an interrupted start leaves
 * no partial one. Throws if another major version created the existing one.
 */
export async function ensureCluster(
  folder: DataFolder,
  programs: Binaries,
  account: Account | undefined,
  names: DatabaseNames,
): Promise<void> {
  if (existsSync(folder.cluster)) return requireSameMajor(folder.cluster, programs.postgres);
  const unfinished = `${folder.cluster}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await changeOwner(account, unfinished);
  const options = { env: SERVER_ENV, cwd: unfinished, ...(account && { uid: account.uid, gid: account.gid }) };
  const prefix = account === undefined ? await namingPrefix() : [];
  const start = (program: string, ...rest: readonly string[]) => {
    const [command, ...others] = prefix;
    return command === undefined ? run(program, rest, options) : run(command, [...others, program, ...rest], options);
  };
  await start(programs.initdb, '-D', unfinished, '-U', SUPERUSER, ...INITDB);
  const superuser = scramVerifier(await ensurePassword(folder.superuserPasswordFile));
  const master = scramVerifier(await ensurePassword(folder.masterPasswordFile));
  // single-user mode opens no port before the roles have their passwords
  const server = start(programs.postgres, '--single', '-D', unfinished, ...SINGLE, 'postgres');
  server.child.stdin?.end(firstStatements(names, { superuser, master }));
  await server;
  await rename(unfinished, folder.cluster);
}

const INITDB = ['--no-sync', '--no-instructions', '--auth=reject', '--encoding=UTF8', '--locale=C'];
const SINGLE = ['-j', '-c', 'exit_on_error=on', '-c', 'log_statement=none', '-c', 'log_min_error_statement=panic'];

/** Returns the first statements. As in Aurora the master is no superuser, and may grant the role for IAM logins. */
function firstStatements(
  { database, master }: DatabaseNames,
  verifiers: { readonly superuser: string; readonly master: string },
): string {
  const statements = [
    `ALTER ROLE ${SUPERUSER} PASSWORD '${verifiers.superuser}'`,
    'CREATE ROLE rds_superuser NOLOGIN',
    'CREATE ROLE rds_iam NOLOGIN',
    `CREATE ROLE ${master} LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD '${verifiers.master}'`,
    `GRANT rds_superuser TO ${master}`,
    `GRANT rds_iam TO ${master} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`,
    `CREATE DATABASE ${database} OWNER ${master}`,
    `ALTER DATABASE postgres OWNER TO ${master}`,
    `ALTER DATABASE template1 OWNER TO ${master}`,
  ];
  return statements.map((statement) => `${statement};\n\n`).join('');
}
