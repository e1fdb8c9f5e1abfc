import { join } from 'node:path';
import { startPostgres } from '../postgres';
import type { Skipped } from '../template';
import { NAMES } from './database-names';
import { createKeys } from './keys';
import { createOutsideSecrets } from './outside-secrets';
import { createSecrets } from './secrets';
import type { Logins } from './serve';
import type { Site } from './site';

/** Creates the keys, the database and the secrets. Returns the database's logins and the keys that aren't created. */
export async function createData(
  site: Site,
): Promise<{ readonly logins: Logins; readonly skipped: readonly Skipped[] }> {
  const { step, template, kms, names, awsDir, secrets } = site;
  const keys = step(
    'keys',
    () => createKeys(template, kms, names, awsDir),
    () => `${template.keys().length} KMS keys, each with its own policy`,
  );
  // avoids an unhandled rejection if both fail: the first error is reported
  keys.catch(() => undefined);
  const logins = await step(
    'database',
    () => startDatabase(site),
    ({ postgres: { port } }) => `PostgreSQL on localhost:${port}, TLS 1.3, logins by token`,
  );
  nameDatabases(site, String(logins.postgres.port));
  const skipped = await keys;
  createSecrets(template, secrets, logins.postgres);
  createOutsideSecrets(site.options.secrets, secrets, site.place);
  return { logins, skipped };
}

async function startDatabase({ dir, logDir, closers, options }: Site): Promise<Logins> {
  const folders = { dataDir: join(dir, 'postgres'), logFile: join(logDir, 'postgres.log') };
  const postgres = await startPostgres({
    ...folders,
    names: options.databaseNames ?? NAMES,
    settings: options.databaseSettings,
    iam: {},
  });
  closers.push(() => postgres.stop());
  const front = await options.databaseFront?.(postgres.port);
  return { postgres, ports: front === undefined ? [postgres.port] : [postgres.port, front] };
}

/** Resolves references to the cluster to the local database. */
function nameDatabases({ template, names }: Site, port: string): void {
  for (const { logicalId } of template.databases()) {
    const host = 'localhost';
    names.set(logicalId, { 'Endpoint.Address': host, 'ReadEndpoint.Address': host, 'Endpoint.Port': port, Port: port });
  }
}
