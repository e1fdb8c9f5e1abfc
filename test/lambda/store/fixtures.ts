import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Kind } from '../../../lambda/contract/kinds';
import { nanoseconds } from '../../support/nanoseconds';
import type {
  Caller,
  DeliveredRecord,
  Delivery,
  NewRecord,
  PropertiesWrite,
  UnsealQuery,
  WalletKey,
} from '../../../lambda/store/store';

/** Returns a wallet that no other test uses. */
export const newWallet = (): WalletKey => ({ walletId: `wallet-${randomUUID()}`, chain: 'EVM' });

export const newTransportId = (): string => randomBytes(16).toString('base64url');

/** an id of key material */
export const MATERIAL = 'a1'.repeat(32);

export const caller: Caller = { actor: 'signer', requestId: 'request-1' };

/** Random bytes for messages: at this layer they are opaque. */
export function newRecord({ walletId, chain }: WalletKey, changes: Partial<NewRecord> = {}): NewRecord {
  return {
    walletId,
    chain,
    recordId: randomUUID(),
    kind: 'delegated-share',
    userId: 'user-1',
    publicKey: '0xabc',
    shareSetId: 'set-1',
    sealed: { delegatedShare: randomBytes(900), walletApiKey: randomBytes(300) },
    keyId: 'arn:aws:kms:eu-central-1:111122223333:key/share',
    keyMaterialId: MATERIAL,
    transportIds: [newTransportId(), newTransportId()],
    ...changes,
  };
}

/** Returns the members of a record that replace its wallet's properties. */
export function withProperties(
  text: string,
  changes: Partial<PropertiesWrite> = {},
): Pick<NewRecord, 'properties' | 'propertiesSha256'> {
  const properties = { text, sha256: sha256(text), hasBackupInfo: false, ...changes };
  return { properties, propertiesSha256: properties.sha256 };
}

/** Returns the changes that make a new record one of server key shares. */
export const serverKeyShares = (changes: Partial<NewRecord> = {}): Partial<NewRecord> => ({
  kind: 'server-key-shares',
  sealed: { serverKeyShares: randomBytes(900) },
  transportIds: [newTransportId()],
  ...changes,
});

/** The table of the records of each kind. */
export const TABLE_OF: Readonly<Record<Kind, string>> = {
  'delegated-share': 'vault.delegated_shares',
  'server-key-shares': 'vault.server_key_shares',
};

/** Returns a new record of this kind. */
export const newRecordOf = (kind: Kind, wallet: WalletKey, changes: Partial<NewRecord> = {}): NewRecord =>
  newRecord(wallet, kind === 'delegated-share' ? changes : serverKeyShares(changes));

/** Returns an event's time: this second of a minute in the past. Later events have larger numbers. */
export const at = (seconds: number): bigint => nanoseconds(new Date(Date.UTC(2026, 0, 1, 12, 0, 0, seconds * 1000)));

export const minutesFromNow = (minutes: number): bigint => nanoseconds(new Date(Date.now() + minutes * 60_000));

/** Returns an id that no other test uses. */
export const newDelivery = (eventTime: bigint, changes: Partial<Delivery> = {}): Delivery => ({
  eventId: randomUUID(),
  messageId: randomUUID(),
  eventTime,
  requestId: 'request-1',
  ...changes,
});

export const deliveredRecord = (
  { walletId, chain }: WalletKey,
  changes: Partial<DeliveredRecord> = {},
): DeliveredRecord => ({
  walletId,
  chain,
  recordId: randomUUID(),
  userId: 'user-1',
  publicKey: '0xabc',
  shareSetId: 'set-1',
  sealed: { delegatedShare: randomBytes(900), walletApiKey: randomBytes(300) },
  keyId: 'arn:aws:kms:eu-central-1:111122223333:key/share',
  keyMaterialId: MATERIAL,
  ...changes,
});

export const query = ({ walletId, chain }: WalletKey, changes: Partial<UnsealQuery> = {}): UnsealQuery => ({
  walletId,
  chain,
  kind: 'delegated-share',
  reason: 'to sign',
  ...changes,
});

export const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** Inserts a live record of server key shares past the functions; returns its id. */
export async function insertServerKeyShares(superuser: Client, { walletId, chain }: WalletKey): Promise<string> {
  const id = randomUUID();
  await superuser.query(
    `INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id)
      VALUES ($1, $2, $3, 'x', 'key')`,
    [id, walletId, chain],
  );
  return id;
}

/** A share and server key shares that were superseded 31 days ago, each with a transport. */
export async function insertExpired(superuser: Client, { walletId, chain }: WalletKey): Promise<void> {
  await superuser.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)', [walletId, chain]);
  await superuser.query(
    `WITH shares AS (
      INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
          encryption_key_id, superseded_at, superseded_by)
        VALUES (gen_random_uuid(), $1, $2, 's', 'k', 'key', now() - interval '31 days', gen_random_uuid()) RETURNING id
    ), key_shares AS (
      INSERT INTO vault.server_key_shares (id, wallet_id, chain, encrypted_server_key_shares, encryption_key_id,
          superseded_at, superseded_by)
        VALUES (gen_random_uuid(), $1, $2, 'x', 'key', now() - interval '31 days', gen_random_uuid()) RETURNING id
    )
    INSERT INTO vault.seal_transports (jti, record_id)
      SELECT id::text, id FROM (SELECT id FROM shares UNION ALL SELECT id FROM key_shares) AS expired`,
    [walletId, chain],
  );
}

/** Returns the log's entries about a wallet, read as a superuser. */
export async function outcomes(superuser: Client, { walletId, chain }: WalletKey): Promise<readonly string[]> {
  const log = await superuser.query<{ entry: string }>(
    `SELECT action || ' ' || outcome AS entry FROM vault.share_access_log
      WHERE wallet_id = $1 AND chain = $2 ORDER BY sequence`,
    [walletId, chain],
  );
  return log.rows.map(({ entry }) => entry);
}

/** Returns the number of a wallet's rows in the vault's tables. */
export async function rowsOf(superuser: Client, { walletId, chain }: WalletKey): Promise<number> {
  const { rows } = await superuser.query<{ rows: string }>(
    `SELECT (SELECT count(*) FROM vault.wallets WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.delegated_shares WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.webhook_events WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.wallet_properties WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.share_access_log WHERE wallet_id = $1 AND chain = $2) AS rows`,
    [walletId, chain],
  );
  return Number(rows[0]?.rows);
}

/** Returns the traces of a wallet's revocations: the tombstone's time, and the newest revocation's own, nanoseconds. */
export async function revocation(
  superuser: Client,
  { walletId, chain }: WalletKey,
): Promise<{ readonly at: Date | null; readonly until: bigint | null } | undefined> {
  const { rows } = await superuser.query<{ at: Date | null; until: string | null }>(
    'SELECT revoked_at AS at, revoked_until_ns AS until FROM vault.wallets WHERE wallet_id = $1 AND chain = $2',
    [walletId, chain],
  );
  const [row] = rows;
  return row && { at: row.at, until: row.until === null ? null : BigInt(row.until) };
}

/** Returns the stored outcome of each delivery of a wallet, in order. */
export async function remembered(superuser: Client, { walletId, chain }: WalletKey): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ entry: string }>(
    `SELECT event_name || ' ' || outcome AS entry FROM vault.webhook_events
      WHERE wallet_id = $1 AND chain = $2 ORDER BY received_at`,
    [walletId, chain],
  );
  return rows.map(({ entry }) => entry);
}

/** Resets the database to its state before the first migration, but keeps the roles. */
export async function dropVault(superuser: Client): Promise<void> {
  await superuser.query('DROP SCHEMA vault_api CASCADE');
  await superuser.query('DROP SCHEMA vault CASCADE');
  await superuser.query('ALTER DEFAULT PRIVILEGES FOR ROLE vault_owner GRANT EXECUTE ON ROUTINES TO PUBLIC');
  await superuser.query('ALTER DEFAULT PRIVILEGES FOR ROLE vault_owner GRANT USAGE ON TYPES TO PUBLIC');
}
