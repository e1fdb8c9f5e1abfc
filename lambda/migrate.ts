import type { MigrateAnswer } from './api';
import { readEnv } from './env';
import { VaultError } from './errors';
import { deployHandler } from './handler';
import { DB_SETTINGS } from './parts';
import { connectInTime, discard } from './store/connection';
import { migrate } from './store/migrate';
import { queryError } from './store/pg-errors';
import { secretPassword } from './store/secret-password';

function open() {
  const settings = readEnv(['shareKeyArn', 'dbSecretArn', ...DB_SETTINGS]);
  const { dbHost: host, dbPort: port, dbName: database, dbUser: user, dbCaFile: caFile } = settings;
  const password = secretPassword({ secretArn: settings.dbSecretArn, user });
  return { login: { host, port, database, user, caFile, password }, shareKeys: [settings.shareKeyArn] };
}

/** Brings the database to this release's schema, on deploy, as its master: the one function that has a password. */
export const handler = deployHandler('migrate', open, async (call, { login, shareKeys }): Promise<MigrateAnswer> => {
  const client = await connectInTime(login, call.deadline);
  // a statement that never ends must not keep the function from saying so
  const timeUp = setTimeout(() => discard(client), call.deadline.remainingMs());
  try {
    return await migrate(client, { deadline: call.deadline, shareKeys });
  } catch (error) {
    throw error instanceof VaultError ? error : queryError(error);
  } finally {
    clearTimeout(timeUp);
    discard(client);
  }
});
