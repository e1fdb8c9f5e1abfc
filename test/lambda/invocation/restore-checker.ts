import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { Client } from 'pg';
import type { CheckRequest } from '../../../lambda/contract/restore-checks';
import { keepCanary } from '../../../lambda/invocation/restore-canary';
import { checkRestore } from '../../../lambda/invocation/restore-check';
import type { RestoreCheckParts } from '../../../lambda/invocation/restore-checks';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { type ConnectionSettings, connect } from '../../../lambda/store/connection';
import { PostgresRestoreChecks } from '../../../lambda/store/restore-checks';
import { Session } from '../../../lambda/store/session';
import { type TestDatabase, soon } from '../../support/postgres';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { runtimeClient } from '../keys/support';
import { caller, newRecordOf, newWallet } from '../store/fixtures';
import { database, revoker, sealer, superuser, useStores } from '../store/stores';

/** The vault's database, a restored copy of it and the local KMS: `useRestoreChecker` assigns what follows. */
export let kms: KmsFixture;
export let restored: TestDatabase;
export let former: KeyProvider;
export let present: KeyProvider;
/** the canary that the copy has */
export let canary: string;
/** when the copy was made */
export let backedUpAt: string;

export const ENVIRONMENT = 'local';
const USER = 'vault_restore_checker';
const opened: PostgresRestoreChecks[] = [];
let live: PostgresRestoreChecks;
/** in the vault's own database: that of `useStores` is lost by the copy */
export let owner: Client;
/** a database on the copy's server that a test may change: its name, once it asked for it */
let copying: Promise<string> | undefined;

/** Wallets with a record, with two kinds, revoked, and without a log; then a canary, one more wallet and the copy. */
export function useRestoreChecker(): void {
  useStores(['revoker', 'sealer']);
  beforeAll(async () => {
    kms = await new KmsFixture().start();
    former = await newKey();
    present = await newKey();
    await fillVault();
    // rows of the last minute are not in a canary's heads
    await ageLog(database);
    live = checksOf(await database.settings(USER));
    ({ canary } = await keep({ shareKey: former }));
    await sealer.seal(newRecordOf('delegated-share', newWallet()), caller, soon());
    restored = await database.copy();
    owner = await database.superuser();
    backedUpAt = new Date().toISOString();
  });
  beforeEach(() => {
    kms.kms.calls.length = 0;
    copying = undefined;
  });
  afterAll(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await restored.stop();
    await kms.remove();
  });
}

async function fillVault(): Promise<void> {
  const [first, second, gone] = [newWallet(), newWallet(), newWallet()];
  await superuser.query("SELECT vault.lock_wallet('without-log', 'EVM')");
  await sealer.seal(newRecordOf('delegated-share', first), caller, soon());
  await sealer.seal(newRecordOf('server-key-shares', first), caller, soon());
  await sealer.seal(newRecordOf('delegated-share', second), caller, soon());
  await sealer.seal(newRecordOf('delegated-share', gone), caller, soon());
  await revoker.revoke(gone, ['delegated-share'], 'r', caller, soon());
}

/** Lets an hour pass for all rows of the log. Their hashes are not compared here. */
async function ageLog(of: TestDatabase): Promise<void> {
  const client = await of.superuser();
  await client.query(`ALTER TABLE vault.share_access_log DISABLE TRIGGER append_only;
    UPDATE vault.share_access_log SET at = at - interval '1 hour';
    UPDATE vault.wallets SET tombstoned_at = tombstoned_at - interval '1 hour', created_at = created_at - interval '1 hour';
    ALTER TABLE vault.share_access_log ENABLE ALWAYS TRIGGER append_only`);
}

export const newKey = async (): Promise<KeyProvider> =>
  createAwsKmsKey({ keyArn: await kms.createKey(), client: runtimeClient(kms) });

/** Connects as the function's user; closed after all tests. */
export function checksOf(settings: ConnectionSettings): PostgresRestoreChecks {
  const checks = new PostgresRestoreChecks(new Session(settings));
  opened.push(checks);
  return checks;
}

/** Changes the copy of this test, as a superuser. */
export const inCopy = async (sql: string) => run(await ownCopy(), sql);

/** Returns the name of this test's copy. */
const ownCopy = () => (copying ??= makeCopy());

async function makeCopy(): Promise<string> {
  const name = `copy_${randomUUID().replaceAll('-', '')}`;
  await run('postgres', `CREATE DATABASE ${name} TEMPLATE share_vault`);
  return name;
}

async function run(name: string, sql: string): Promise<void> {
  const { user } = restored.server.superuser;
  const client = await connect({ ...(await restored.settings(user)), database: name }, soon());
  await client.query(sql).finally(() => client.end());
}

/** What the function has; a check reads the copy of this test, whatever the event says. */
export async function parts(changes: Partial<RestoreCheckParts> = {}): Promise<RestoreCheckParts> {
  const copy = checksOf({ ...(await restored.settings(USER)), database: await ownCopy() });
  return {
    environment: ENVIRONMENT,
    shareKey: createShareKeys(present, [former]),
    checks: live,
    own: { host: 'localhost', port: database.server.port },
    connectTo: () => copy,
    ...changes,
  };
}

export const keep = async (changes: Partial<RestoreCheckParts> = {}) =>
  keepCanary(
    { deadline: soon() },
    {
      environment: ENVIRONMENT,
      shareKey: present,
      checks: live,
      own: { host: 'localhost', port: database.server.port },
      connectTo: () => live,
      ...changes,
    },
  );

/** The event of a restore job that took 12 minutes, of a backup that was made 90 minutes before. */
export function checkEvent(changes: Partial<CheckRequest> = {}): CheckRequest {
  const minutesAfter = (minutes: number) => new Date(new Date(backedUpAt).getTime() + minutes * 60_000).toISOString();
  return {
    action: 'check',
    restoreJobId: randomUUID().toUpperCase(),
    cluster: { host: 'localhost', port: restored.server.port },
    recoveryPointAt: backedUpAt,
    startedAt: minutesAfter(90),
    completedAt: minutesAfter(102),
    ...changes,
  };
}

export const check = async (changes: Partial<CheckRequest> = {}, changed: Partial<RestoreCheckParts> = {}) =>
  checkRestore(checkEvent(changes), { deadline: soon() }, await parts(changed));

/** The environment of the function, with a password in place of a token. */
export async function checkerEnv(): Promise<Readonly<Record<string, string>>> {
  const { host, port, database: name, user, caFile, password } = await database.settings(USER);
  return {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: kms.url,
    AWS_ACCESS_KEY_ID: kms.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kms.credentials.secretAccessKey,
    SHARE_VAULT_ENVIRONMENT: ENVIRONMENT,
    SHARE_VAULT_SHARE_KEY_ARN: present.keyId,
    SHARE_VAULT_OPENING_KEY_ARNS: JSON.stringify([former.keyId]),
    SHARE_VAULT_DB_HOST: host,
    SHARE_VAULT_DB_PORT: String(port),
    SHARE_VAULT_DB_NAME: name,
    SHARE_VAULT_DB_USER: user,
    SHARE_VAULT_DB_CA_FILE: caFile,
    SHARE_VAULT_DB_AUTH: 'password',
    PGPASSWORD: await password(),
  };
}

/** The stored results of a job: the type of their facts, and whether they are sealed. */
export async function results(restoreJobId: string): Promise<readonly string[]> {
  const { rows } = await owner.query<{ result: string }>(
    `SELECT concat_ws(' ', facts::json ->> 'type', CASE WHEN sealed IS NOT NULL THEN 'sealed' END) AS result
      FROM vault.restore_tests WHERE restore_job_id = $1`,
    [restoreJobId],
  );
  return rows.map(({ result }) => result);
}

/** The number of canaries in the vault's own database. */
export const canaries = async () => (await owner.query('SELECT FROM vault.restore_canaries')).rowCount ?? 0;
