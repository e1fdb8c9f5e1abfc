import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { serverAccount } from './account';
import { changeOwner } from './files';

/** Files of a server that runs, which a copy must not have, and its log, which is copied last. */
const LEFT_OUT = ['postmaster.pid', 'postmaster.opts', 'pg_wal'];

/**
 * Copies the data folder of a server that runs, as a snapshot of its storage would: what is committed at the end of the copy is
 * in it.
 *
 * @param client a session of the superuser
 * @param from a folder of `startPostgres`
 * @param to the folder of another server, which is not started yet
 */
export async function copyOnline(client: Client, from: string, to: string): Promise<void> {
  const [source, target] = [join(from, 'cluster'), join(to, 'cluster')];
  await client.query("SELECT pg_backup_start('restore test', true)");
  const left = new Set(LEFT_OUT.map((name) => join(source, name)));
  // the certificate and the passwords too: the copy serves the same clients
  const options = { recursive: true, preserveTimestamps: true };
  await cp(from, to, { ...options, filter: (path) => !left.has(path) && path !== join(from, 'programs') });
  const { rows } = await client.query<{ label: string }>('SELECT labelfile AS label FROM pg_backup_stop(false)');
  await cp(join(source, 'pg_wal'), join(target, 'pg_wal'), options);
  await writeFile(join(target, 'backup_label'), rows[0]?.label ?? '', { mode: 0o600 });
  const account = serverAccount();
  const copied = await readdir(target, { recursive: true });
  await changeOwner(account, target);
  for (const path of copied) await changeOwner(account, join(target, path));
  await changeOwner(account, join(to, 'tls', 'server.key'));
}
