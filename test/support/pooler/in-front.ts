import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionSettings } from '../../../lambda/store/connection';
import { createCertificate } from '../../../local/emulator/postgres/certificates';
import type { TestDatabase } from '../postgres';
import { type Pooler, startPooler } from './pooler';

export interface PoolerInFront extends Pooler {
  /** Returns how a function connects through the pooler, whose certificate is of another authority than the database's. */
  readonly settings: (user: string) => Promise<ConnectionSettings>;
}

/** Starts a pooler in front of a test's database, with at most so many connections for each user. */
export async function poolerInFrontOf(
  database: TestDatabase,
  maxServers: number,
  borrowTimeoutMs?: number,
): Promise<PoolerInFront> {
  const { ca, certificate, key } = await createCertificate(['localhost']);
  const caFile = join(database.dataDir, `pooler-${randomUUID()}.pem`);
  await writeFile(caFile, ca);
  const login = async (user: string) => {
    const { caFile: serverCa, password, ...place } = await database.settings(user);
    return { ...place, password: await password(), ssl: { ca: readFileSync(serverCa, 'utf8') } };
  };
  const pooler = await startPooler({
    certificate,
    key,
    login,
    maxServers,
    ...(borrowTimeoutMs !== undefined && { borrowTimeoutMs }),
  });
  const settings = async (user: string) => {
    return { ...(await database.settings(user)), port: pooler.port, caFile, pooled: true };
  };
  return { ...pooler, settings };
}
