import type { AccessLogEntry, RecordMetadata } from '../contract/responses';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import type { ConnectionSettings } from './connection';
import {
  createdOutcomeOf,
  logEntryOf,
  metadataOf,
  propertiesOf,
  revokedOutcomeOf,
  sealedRecordOf,
  storedRecordOf,
} from './records';
import { bytes, count, flag, only, optionalText, optionalTime, text, time } from './rows';
import { Session } from './session';
import type {
  Caller,
  ChainHead,
  CreatedOutcome,
  DeliveredRecord,
  Delivery,
  NewRecord,
  RecordStore,
  RevokedDelivery,
  RevokedOutcome,
  SealedRecord,
  StoredProperties,
  StoredRecord,
  UnsealQuery,
  WalletKey,
} from './store';

/** Records in PostgreSQL. Connects when first used; keeps one connection. */
export function createPostgresStore(settings: ConnectionSettings): RecordStore {
  return new PostgresStore(new Session(settings));
}

const SEAL = `SELECT * FROM vault_api.seal_delegated_share(
  $1::uuid, $2, $3, $4, $5, $6, $7::bytea, $8::bytea, $9::bytea, $10, $11::text[], $12::uuid, $13, $14, $15)`;
const RECEIVE_CREATED = `SELECT vault_api.accept_created(
  $1::uuid, $2, $3, $4, $5, $6, $7::bytea, $8::bytea, $9, $10, $11, $12::bigint, $13) AS outcome`;
const CREATED_SEEN = "SELECT vault_api.delivery_seen('wallet.delegation.created', $1, $2, $3, $4) AS seen";
const RECEIVE_REVOKED = 'SELECT vault_api.accept_revoked($1, $2, $3, $4, $5::bigint, $6) AS outcome';
const RECEIVE_REVOKED_NOW = 'SELECT vault_api.accept_revoked_now($1, $2, $3, $4, $5) AS outcome';
const UNSEAL = `CALL vault_api.unseal_delegated_share(
  $1, $2, $3, $4, $5, $6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;
const WALLETS = 'SELECT * FROM vault_api.wallets_of($1::text[])';
const REVOKE = 'SELECT * FROM vault_api.revoke($1, $2, $3, $4, $5)';
const RECORDS = 'SELECT * FROM vault_api.list_records($1, $2)';
const LOG = 'SELECT * FROM vault_api.read_log($1, $2, $3::bigint, $4::integer)';
const PROPERTIES = 'SELECT * FROM vault_api.read_properties($1, $2, $3::bigint)';
const CHAIN_HEAD = 'SELECT * FROM vault_api.chain_head($1, $2)';

class PostgresStore implements RecordStore {
  constructor(private readonly session: Session) {}

  async seal(record: NewRecord, caller: Caller, deadline: Deadline): Promise<StoredRecord> {
    requireDelegatedShare(record.kind);
    const { delegatedShare, walletApiKey } = record.sealed;
    const values = [
      ...recordValues(record),
      record.propertiesSha256,
      delegatedShare,
      walletApiKey,
      record.keyId,
      record.transportIds,
      record.supersedes,
      record.walletProperties,
      caller.actor,
      caller.requestId,
    ];
    return storedRecordOf(only(await this.session.query(SEAL, values, deadline)));
  }

  async receiveCreated(record: DeliveredRecord, delivery: Delivery, deadline: Deadline): Promise<CreatedOutcome> {
    const values = [
      ...recordValues(record),
      record.sealed.delegatedShare,
      record.sealed.walletApiKey,
      record.keyId,
      delivery.eventId,
      delivery.messageId,
      delivery.eventTime,
      delivery.requestId,
    ];
    return createdOutcomeOf(only(await this.session.query(RECEIVE_CREATED, values, deadline)));
  }

  async createdSeen(
    { walletId, chain }: WalletKey,
    { eventId, messageId }: Delivery,
    deadline: Deadline,
  ): Promise<boolean> {
    const values = [walletId, chain, eventId, messageId];
    return flag(only(await this.session.query(CREATED_SEEN, values, deadline)), 'seen');
  }

  async receiveRevoked(
    { walletId, chain }: WalletKey,
    { eventId, messageId, eventTime, requestId }: RevokedDelivery,
    deadline: Deadline,
  ): Promise<RevokedOutcome> {
    const ids = [walletId, chain, eventId, messageId];
    const [statement, values] =
      eventTime === undefined
        ? [RECEIVE_REVOKED_NOW, [...ids, requestId]]
        : [RECEIVE_REVOKED, [...ids, eventTime, requestId]];
    return revokedOutcomeOf(only(await this.session.query(statement, values, deadline)));
  }

  async unseal(query: UnsealQuery, caller: Caller, deadline: Deadline): Promise<SealedRecord> {
    requireDelegatedShare(query.kind);
    const { walletId, chain, userId, reason } = query;
    const values = [walletId, chain, userId, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(UNSEAL, values, deadline));
    switch (text(row, 'outcome')) {
      case 'granted':
        return sealedRecordOf(row);
      case 'revoked':
        throw new VaultError('Revoked', 'expected a wallet that was not revoked, got a revoked one');
      case 'changed':
        throw new VaultError('StoreUnavailable', 'expected the record to exist until it was read, got it replaced');
      default:
        // another user's record looks like a missing one: its owner stays unknown
        throw new VaultError('NotFound', 'expected a record of this wallet, chain and user, got none');
    }
  }

  async walletsOf(walletIds: readonly string[], deadline: Deadline): Promise<readonly WalletKey[]> {
    const rows = await this.session.query(WALLETS, [walletIds], deadline);
    return rows.map((row) => ({ walletId: text(row, 'wallet_id'), chain: text(row, 'chain') }));
  }

  async revoke(
    wallet: WalletKey,
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<{ readonly revoked: number; readonly revokedAt: Date }> {
    const values = [wallet.walletId, wallet.chain, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(REVOKE, values, deadline));
    return { revoked: count(row, 'destroyed'), revokedAt: time(row, 'revoked_at') };
  }

  async records(
    wallet: WalletKey,
    deadline: Deadline,
  ): Promise<{ readonly records: readonly RecordMetadata[]; readonly revokedAt?: Date | undefined }> {
    const rows = await this.session.query(RECORDS, [wallet.walletId, wallet.chain], deadline);
    // a wallet without records is one row with its revocation only
    const records = rows.filter((row) => optionalText(row, 'record_id') !== undefined).map(metadataOf);
    return { records, revokedAt: rows[0] && optionalTime(rows[0], 'revoked_at') };
  }

  async log(wallet: WalletKey, after: number, limit: number, deadline: Deadline): Promise<readonly AccessLogEntry[]> {
    const rows = await this.session.query(LOG, [wallet.walletId, wallet.chain, after, limit], deadline);
    return rows.map(logEntryOf);
  }

  async properties(wallet: WalletKey, version: number | undefined, deadline: Deadline): Promise<StoredProperties> {
    const [row] = await this.session.query(PROPERTIES, [wallet.walletId, wallet.chain, version], deadline);
    if (row === undefined)
      throw new VaultError('NotFound', 'expected properties of this wallet, chain and version, got none');
    return propertiesOf(row);
  }

  async chainHead(wallet: WalletKey, deadline: Deadline): Promise<ChainHead> {
    const [row] = await this.session.query(CHAIN_HEAD, [wallet.walletId, wallet.chain], deadline);
    if (row === undefined) throw new VaultError('NotFound', 'expected a wallet that was seen before, got another');
    return { length: count(row, 'log_length'), hash: bytes(row, 'log_head') };
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

type RecordColumns = Pick<DeliveredRecord, 'recordId' | keyof WalletKey | 'userId' | 'publicKey' | 'shareSetId'>;

/** Returns the first arguments of both functions that store a record: $1 to $6. */
function recordValues({ recordId, walletId, chain, userId, publicKey, shareSetId }: RecordColumns): readonly unknown[] {
  return [recordId, walletId, chain, userId, publicKey, shareSetId];
}

/** Server key shares have their table and no functions yet. */
function requireDelegatedShare(kind: string): void {
  if (kind === 'delegated-share') return;
  throw new VaultError('InvalidRequest', 'expected kind delegated-share, got another');
}
