import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deadlineIn } from '../../lambda/deadline';
import { connect } from '../../lambda/store/connection';
import { migrate } from '../../lambda/store/migrate';
import { type LocalPostgres, startPostgres } from '../../local/postgres';
import { logFolder, runFolder } from './run';

/** The files that PostgreSQL starts from: a data folder without them needs initdb, and that takes seconds. */
const PARTS = ['cluster', 'superuser-password', 'master-password'];

/** Copies a cluster that was made once for the run into a data folder: empty, or with the vault's schema. */
export async function copyDatabase(kind: 'empty' | 'migrated', dataDir: string): Promise<void> {
  const kept = await keptDatabase(kind);
  execFileSync('cp', ['-Rp', ...PARTS.map((part) => join(kept, part)), dataDir]);
}

async function keptDatabase(kind: 'empty' | 'migrated'): Promise<string> {
  const folder = join(runFolder('databases'), kind);
  if (existsSync(folder)) return folder;
  const whole = mkdtempSync(`${folder}-`);
  // PostgreSQL's own user passes through it
  chmodSync(whole, 0o711);
  if (kind === 'migrated') await copyDatabase('empty', whole);
  const server = await startPostgres({ dataDir: whole, logFile: newLogFile(), settings: { fsync: 'off' } });
  try {
    if (kind === 'migrated') await migrateAsMaster(server);
  } finally {
    await server.stop();
  }
  try {
    renameSync(whole, folder);
  } catch {
    // another worker was first
    rmSync(whole, { recursive: true });
  }
  return folder;
}

async function migrateAsMaster({ host, port, database, caFile, master }: LocalPostgres): Promise<void> {
  const login = { host, port, database, caFile, user: master.user, password: () => Promise.resolve(master.password) };
  const client = await connect(login, deadlineIn(20_000));
  await migrate(client).finally(() => client.end());
}

/** Searched for materials at the end of the run; the server's own user writes it. */
export function newLogFile(): string {
  const folder = logFolder();
  chmodSync(folder, 0o777);
  return join(folder, 'postgres.log');
}
