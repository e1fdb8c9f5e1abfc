import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deadlineIn } from '../../lambda/invocation/deadline';
import { connect } from '../../lambda/store/connection';
import { migrate } from '../../lambda/store/migrate';
import { type LocalPostgres, startPostgres } from '../../local/emulator/postgres';
import { packageFolder } from '../../local/emulator/postgres/binaries';
import { versionOf } from '../../local/emulator/postgres/version';
import { VAULT_DATABASE } from '../../local/vault/options';
import { logFolder, runFolder } from './run';

/** The files that PostgreSQL needs to start. Without them a data folder needs initdb, which takes seconds. */
const PARTS = ['cluster', 'superuser-password', 'master-password', 'tls'];
/** Settings without durability: a test's database need not survive a crash, even if the product starts its server. */
const NOT_DURABLE = 'fsync = off\nfull_page_writes = off\n';

/**
 * Copies the run's cluster into a data folder, either empty or with the vault's schema.
 *
 * @param programsDir PostgreSQL's programs; the package's, if absent
 */
export async function copyDatabase(kind: 'empty' | 'migrated', dataDir: string, programsDir?: string): Promise<void> {
  const kept = await keptDatabase(kind, programsDir);
  execFileSync('cp', ['-Rp', ...PARTS.map((part) => join(kept, part)), dataDir]);
}

/** Programs of the same version can run each other's clusters. */
async function keptDatabase(kind: 'empty' | 'migrated', programsDir = packageFolder()): Promise<string> {
  const version = await versionOf(join(programsDir, 'bin', 'postgres'));
  const folder = join(runFolder('databases'), `${kind}-${version}`);
  if (existsSync(folder)) return folder;
  const whole = mkdtempSync(`${folder}-`);
  // PostgreSQL's own user has to traverse it
  chmodSync(whole, 0o711);
  if (kind === 'migrated') await copyDatabase('empty', whole, programsDir);
  const server = await startPostgres({
    dataDir: whole,
    names: VAULT_DATABASE,
    logFile: newLogFile(),
    settings: { fsync: 'off' },
    programsDir,
  });
  try {
    if (kind === 'migrated') await migrateAsMaster(server);
  } finally {
    await server.stop();
  }
  if (kind === 'empty') appendFileSync(join(whole, 'cluster', 'postgresql.conf'), NOT_DURABLE);
  try {
    renameSync(whole, folder);
  } catch {
    // another worker created it first
    rmSync(whole, { recursive: true });
  }
  return folder;
}

async function migrateAsMaster({ host, port, database, caFile, master }: LocalPostgres): Promise<void> {
  const login = { host, port, database, caFile, user: master.user, password: () => Promise.resolve(master.password) };
  const client = await connect(login, deadlineIn(20_000));
  await migrate(client).finally(() => client.end());
}

/** Returns the path of the log. The server's own user writes it, and the end of the run searches it. */
export function newLogFile(): string {
  const folder = logFolder();
  chmodSync(folder, 0o777);
  return join(folder, 'postgres.log');
}
