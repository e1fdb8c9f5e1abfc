import { once } from 'node:events';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../client/commands/command';
import { closedFolder, serverAccount } from '../emulator/postgres/account';

export interface Checked {
  readonly port?: number | undefined;
  readonly webhookPort?: number | undefined;
  readonly dataDir?: string | undefined;
}

/** The names of the options, for messages. */
export type OptionNames = Readonly<Record<keyof Checked, string>>;

/** Checks ports and the data folder before anything is created. Throws an error that names the option. */
export async function preflight({ port, webhookPort, dataDir }: Checked, names: OptionNames): Promise<void> {
  if (port !== undefined && port === webhookPort) {
    throw new UsageError(
      `${names.webhookPort}: expected another port than that of ${names.port}, got ${port} for both`,
    );
  }
  if (dataDir !== undefined) await requireUsableFolder(names.dataDir, dataDir);
  await requireFreePort(names.port, port);
  await requireFreePort(names.webhookPort, webhookPort);
}

async function requireFreePort(option: string, port: number | undefined): Promise<void> {
  if (port === undefined) return;
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch (cause) {
    throw new Error(`${option}: expected ${reasonOf(cause, port)}, got ${port}`, { cause });
  }
  probe.close();
  await once(probe, 'close');
}

function reasonOf(cause: unknown, port: number): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return 'a port that no process uses';
  if (code === 'EACCES')
    return port < 1_024 ? 'a port from 1024, as this user may use' : 'a port that this user may use';
  return 'a port that can be used';
}

/** Throws if a data folder could not be created or written, or if PostgreSQL's own user could not reach it. */
async function requireUsableFolder(option: string, dataDir: string): Promise<void> {
  const existing = nearestExisting(resolve(dataDir));
  if (!statSync(existing).isDirectory()) {
    throw new UsageError(`${option}: expected a folder, got the file ${existing}`);
  }
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(`${option}: expected a folder that can be written, got ${existing}`, { cause });
  }
  const account = serverAccount();
  const closed = await closedFolder(existing, account);
  if (closed !== undefined && account !== undefined) {
    throw new Error(`${option}: expected a folder that the user ${account.name} can reach, got one below ${closed}`);
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
