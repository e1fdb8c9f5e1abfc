import { join } from 'node:path';
import { type Authorise, type DatabaseNames, type LocalPostgres, startPostgres } from '../postgres';
import type { Skipped } from '../template';
import { databaseLogins } from './database';
import { makeKeys } from './keys';
import { makeSecrets } from './secrets';
import { type Site, standing } from './site';

/** The keys, the database and the secrets: what a template's references lead to. Returns the keys that aren't made here. */
export async function makeData(
  site: Site,
): Promise<{ readonly postgres: LocalPostgres; readonly skipped: readonly Skipped[] }> {
  const { step, template, kms, names, awsDir, secrets } = site;
  const keys = step(
    'keys',
    () => makeKeys(template, kms, names, awsDir),
    () => `${template.keys().length} of KMS, each with its own policy`,
  );
  // both take their time: whichever fails first is told
  keys.catch(() => undefined);
  const postgres = await step(
    'database',
    () => startDatabase(site),
    ({ port }) => `PostgreSQL on localhost:${port}, TLS 1.3, logins by token`,
  );
  nameDatabases(site, String(postgres.port));
  const skipped = await keys;
  makeSecrets(template, secrets, postgres);
  return { postgres, skipped };
}

const NAMES: DatabaseNames = { database: 'main', master: 'master' };

async function startDatabase(site: Site): Promise<LocalPostgres> {
  const { dir, logDir, template, place, identities, later, closers, options } = site;
  const told: { ports?: readonly number[] } = {};
  const authorise: Authorise = (user, token) => {
    const ports = standing(told.ports, 'a database');
    const authority = standing(later.authority, 'policies');
    return databaseLogins({ template, place, identities, authority, ports })(user, token);
  };
  const folders = { dataDir: join(dir, 'postgres'), logFile: join(logDir, 'postgres.log') };
  const postgres = await startPostgres({ ...folders, names: options.databaseNames ?? NAMES, iam: { authorise } });
  closers.push(() => postgres.stop());
  const front = await options.databaseFront?.(postgres.port);
  told.ports = front === undefined ? [postgres.port] : [postgres.port, front];
  return postgres;
}

/** What a reference to the cluster leads to: this machine's own. */
function nameDatabases({ template, names }: Site, port: string): void {
  for (const { logicalId } of template.databases()) {
    const host = 'localhost';
    names.set(logicalId, { 'Endpoint.Address': host, 'ReadEndpoint.Address': host, 'Endpoint.Port': port, Port: port });
  }
}
