import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadlineIn } from '../../lambda/invocation/deadline';
import { type ConnectionSettings, connect } from '../../lambda/store/connection';
import { migrate } from '../../lambda/store/migrate';
import { startPostgres } from '../../local/emulator/postgres';
import { startAwsServer } from '../../local/emulator/services';
import { LocalKms } from '../../local/emulator/services/kms';
import { VAULT_DATABASE } from '../../local/vault/options';

/** A login of the database, as a process can be sent it. */
export interface BenchLogin extends Pick<ConnectionSettings, 'host' | 'port' | 'database' | 'user' | 'caFile'> {
  readonly password: string;
}

/** PostgreSQL with the vault's schema, and KMS, in a process of their own. */
export interface ResealBench {
  readonly superuser: BenchLogin;
  readonly resealer: BenchLogin;
  readonly kmsUrl: string;
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  const server = await startPostgres({ dataDir, names: VAULT_DATABASE });
  const kms = await startAwsServer({ services: [new LocalKms({ dataDir: join(dataDir, 'kms') })] });
  process.once('disconnect', () => {
    void Promise.all([server.stop(), kms.close()]).then(() => rmSync(dataDir, { recursive: true, force: true }));
  });
  const { host, port, database, caFile, master, superuser } = server;
  const place = { host, port, database, caFile };
  const client = await connect(
    { ...place, user: master.user, password: async () => master.password },
    deadlineIn(60_000),
  );
  await migrate(client).finally(() => client.end());
  const user = 'vault_resealer';
  const message: ResealBench = {
    superuser: { ...place, ...superuser },
    resealer: { ...place, user, password: await server.setPassword(user) },
    kmsUrl: kms.url,
  };
  process.send?.(message);
}

void main();
