import type { MigrateResponse } from './contract/responses';
import { readEnv } from './invocation/settings';
import { VaultError } from './contract/errors';
import { bodyPlace, createBodySweep } from './invocation/body-sweep';
import { deployHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { readRecoveryStatement } from './invocation/recovery-settings';
import { SHARE_KEY_SETTINGS, shareKeyIds } from './invocation/share-key-ids';
import { discard } from './store/connection';
import { iamPassword } from './store/password';
import { createTombstoneBucket } from './store/tombstone-bucket';
import { sweepLog } from './store/log-archive-sweep';
import { readLogRetention } from './store/log-retention';
import { sweepReceipts } from './store/receipt-sweep';
import { sweepTombstones } from './store/tombstone-sweep';
import { withThaws } from './store/count-thaws';
import { migrate } from './store/migrate';
import { logInToMigrate } from './store/migration-login';
import { queryError } from './store/pg-errors';
import { secretPassword } from './store/secret-password';
import { withWaiting } from './store/waiting';

function createParts() {
  const settings = readEnv([
    ...(['environment', 'dbSecretArn', 'dbResourceId', 'dbGeneration'] as const),
    ...SHARE_KEY_SETTINGS,
    ...DB_SETTINGS,
  ]);
  const { dbHost: host, dbPort: port, dbName: database, dbUser: user, dbCaFile: caFile } = settings;
  const place = { host, port, database, caFile };
  const password = secretPassword({ secretArn: settings.dbSecretArn, user });
  return {
    master: { ...place, user, password },
    token: iamPassword({ host, port, user }),
    shareKeys: shareKeyIds(settings),
    recoveryKeys: readRecoveryStatement(),
    bodyStore: { place: bodyPlace() },
    generation: { cluster: settings.dbResourceId, token: settings.dbGeneration },
    environment: settings.environment,
    bucket: createTombstoneBucket(),
    retentionDays: readLogRetention(),
    sweepBodies: createBodySweep(),
  };
}

/** Brings the database to this release's schema, on deploy, as its master: the only function that has a password. */
export const handler = deployHandler(
  'migrate',
  createParts,
  async (
    call,
    { master, token, sweepBodies, environment, bucket, retentionDays, ...keys },
  ): Promise<MigrateResponse> => {
    const client = await logInToMigrate(master, token, call.deadline);
    // a statement that never ends must not prevent the error response
    const timeout = setTimeout(() => discard(client), call.deadline.remainingMs());
    try {
      const migrated = await migrate(client, { deadline: call.deadline, isSweep: call.isSweep, ...keys });
      const kept = await sweepTombstones(migrated, client, { environment, bucket, deadline: call.deadline });
      const all = await sweepReceipts(kept, client, { bucket, deadline: call.deadline });
      const swept = await sweepBodies(all, client, call.deadline);
      const { deadline, isSweep } = call;
      const archived = await sweepLog(swept, client, { environment, bucket, retentionDays, isSweep, deadline });
      const counted = await withThaws(await withWaiting(archived, client), client);
      return { ...counted, user: client.user ?? '' };
    } catch (error) {
      throw error instanceof VaultError ? error : queryError(error);
    } finally {
      clearTimeout(timeout);
      discard(client);
    }
  },
);
