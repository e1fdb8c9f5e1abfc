import type { AccessLogEntry, ArchivedRows, AuditCensusResponse, AuditRecordsResponse } from '../contract/responses';
import { FIELDS, type Kind } from '../contract/kinds';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import type { ConnectionSettings } from './connection';
import {
  archivedRowsOf,
  censusGroupOf,
  createdOutcomeOf,
  listedWalletOf,
  logEntryOf,
  propertiesOf,
  recordsOf,
  revokedOutcomeOf,
  sealedRecordOf,
  storedRecordOf,
} from './records';
import { bytes, count, flag, objects, only, text, time } from './rows';
import { type Row, Session } from './session';
import type {
  Caller,
  ChainHead,
  CreatedOutcome,
  DeliveredRecord,
  Delivery,
  NewRecord,
  PropertiesWrite,
  RecordQuery,
  RecordStore,
  Revocation,
  RevokedDelivery,
  RevokedOutcome,
  SealedRecord,
  Span,
  StoredProperties,
  StoredRecord,
  UnsealQuery,
  WalletKey,
  WalletPage,
} from './store';

/** Records in PostgreSQL. Connects when first used; keeps one connection. */
export function createPostgresStore(settings: ConnectionSettings): PostgresStore {
  return new PostgresStore(new Session(settings));
}

const SEAL = 'SELECT vault_api.seal_records($1::json,$2,$3) AS results';
const RECEIVE_CREATED =
  'SELECT vault_api.accept_created_record($1::uuid,$2,$3,$4,$5,$6,$7::bytea,$8::bytea,$9,$10,$11,$12::bigint,$13,$14) AS outcome';
const CREATED_SEEN = "SELECT vault_api.delivery_seen('wallet.delegation.created',$1,$2,$3,$4) AS seen";
const RECEIVE_REVOKED = 'SELECT vault_api.accept_revoked($1,$2,$3,$4,$5::bigint,$6) AS outcome';
const RECEIVE_REVOKED_NOW = 'SELECT vault_api.accept_revoked_now($1,$2,$3,$4,$5) AS outcome';
const UNSEAL = 'CALL vault_api.unseal_records($1::json,$2,$3,$4,NULL)';
const WALLETS_OF = 'SELECT * FROM vault_api.wallets_of($1::text[])';
const REVOKE = 'SELECT * FROM vault_api.revoke_kinds($1,$2,$3::text[],$4,$5,$6)';
const RECORDS = 'SELECT * FROM vault_api.records_and_materials($1,$2)';
const CENSUS = 'SELECT * FROM vault_api.census()';
const WALLETS = 'SELECT * FROM vault_api.list_wallets($1,$2,$3::integer,$4::timestamptz,$5::timestamptz)';
const LOG = 'SELECT * FROM vault_api.read_log_span($1,$2,$3::bigint,$4::integer,$5::timestamptz,$6::timestamptz)';
const PROPERTIES = 'SELECT * FROM vault_api.read_properties_unless($1,$2,$3::bigint,$4::bytea)';
const REPLACE_PROPERTIES =
  'SELECT * FROM vault_api.replace_properties($1,$2,$3,$4::bytea,$5::boolean,$6::bigint,$7::boolean,$8,$9)';
const ARCHIVED_ROWS = 'SELECT * FROM vault_api.log_spans($1,$2)';
const CHAIN_HEAD = 'SELECT * FROM vault_api.chain_head($1,$2)';

export class PostgresStore implements RecordStore {
  constructor(readonly session: Session) {}

  async seal(record: NewRecord, caller: Caller, deadline: Deadline): Promise<StoredRecord> {
    return one(await this.sealAll([record], caller, deadline));
  }

  async sealAll(
    records: readonly NewRecord[],
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (StoredRecord | VaultError)[]> {
    const values = [JSON.stringify(records.map(sealItem)), caller.actor, caller.requestId];
    return resultsOf(await this.session.query(SEAL, values, deadline), records.length).map(storedRecordOf);
  }

  async replaceProperties(
    { walletId, chain }: WalletKey,
    { text: properties, sha256, hasBackupInfo, expectedVersion, force }: PropertiesWrite,
    { actor, requestId }: Caller,
    deadline: Deadline,
  ): Promise<Omit<StoredProperties, 'properties'>> {
    const values = [walletId, chain, properties, sha256, hasBackupInfo, expectedVersion, force, actor, requestId];
    const row = only(await this.session.query(REPLACE_PROPERTIES, values, deadline));
    return { version: count(row, 'version'), sha256, createdAt: time(row, 'created_at') };
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
      record.keyMaterialId,
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

  async unseal({ reason, ...query }: UnsealQuery, caller: Caller, deadline: Deadline): Promise<SealedRecord> {
    return one(await this.unsealAll([query], reason, caller, deadline));
  }

  async unsealAll(
    queries: readonly RecordQuery[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (SealedRecord | VaultError)[]> {
    const items = queries.map(({ kind, walletId, chain, userId }) => {
      return { kind, wallet_id: walletId, chain, user_id: userId };
    });
    const values = [JSON.stringify(items), reason, caller.actor, caller.requestId];
    return resultsOf(await this.session.query(UNSEAL, values, deadline), queries.length).map(sealedRecordOf);
  }

  async walletsOf(walletIds: readonly string[], deadline: Deadline): Promise<readonly WalletKey[]> {
    const rows = await this.session.query(WALLETS_OF, [walletIds], deadline);
    return rows.map((row) => ({ walletId: text(row, 'wallet_id'), chain: text(row, 'chain') }));
  }

  async revoke(
    { walletId, chain }: WalletKey,
    kinds: readonly Kind[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<Revocation> {
    const values = [walletId, chain, kinds, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(REVOKE, values, deadline));
    return { revoked: count(row, 'destroyed'), revokedAt: time(row, 'revoked_at'), known: flag(row, 'known') };
  }

  async records(wallet: WalletKey, deadline: Deadline): Promise<AuditRecordsResponse> {
    return recordsOf(await this.session.query(RECORDS, [wallet.walletId, wallet.chain], deadline));
  }

  async census(deadline: Deadline): Promise<AuditCensusResponse> {
    return { groups: (await this.session.query(CENSUS, [], deadline)).map(censusGroupOf) };
  }

  async wallets(
    after: WalletKey | undefined,
    limit: number,
    { from, until }: Span,
    deadline: Deadline,
  ): Promise<WalletPage> {
    const rows = await this.session.query(WALLETS, [after?.walletId, after?.chain, limit, from, until], deadline);
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return {
      wallets: rows.filter((row) => flag(row, 'matches')).map(listedWalletOf),
      ...(last && { next: { walletId: text(last, 'wallet_id'), chain: text(last, 'chain') } }),
    };
  }

  async log(
    { walletId, chain }: WalletKey,
    after: number,
    limit: number,
    deadline: Deadline,
    { from, until }: Span = {},
  ): Promise<readonly AccessLogEntry[]> {
    const rows = await this.session.query(LOG, [walletId, chain, after, limit, from, until], deadline);
    return rows.map(logEntryOf);
  }

  async properties(
    { walletId, chain }: WalletKey,
    version: number | undefined,
    deadline: Deadline,
    unless?: Uint8Array,
  ): Promise<StoredProperties> {
    const [row] = await this.session.query(PROPERTIES, [walletId, chain, version, unless], deadline);
    if (row === undefined)
      throw new VaultError('NotFound', 'expected properties of this wallet, chain and version, got none');
    return propertiesOf(row);
  }

  async chainHead(wallet: WalletKey, deadline: Deadline): Promise<ChainHead> {
    const [row] = await this.session.query(CHAIN_HEAD, [wallet.walletId, wallet.chain], deadline);
    if (row === undefined) throw new VaultError('NotFound', 'expected a wallet that was seen before, got another');
    return { length: count(row, 'log_length'), hash: bytes(row, 'log_head') };
  }

  async archivedRows(wallet: WalletKey, deadline: Deadline): Promise<readonly ArchivedRows[]> {
    const rows = await this.session.query(ARCHIVED_ROWS, [wallet.walletId, wallet.chain], deadline);
    return rows.map(archivedRowsOf);
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

type RecordColumns = Pick<DeliveredRecord, 'recordId' | keyof WalletKey | 'userId' | 'publicKey' | 'shareSetId'>;

/** Returns the first arguments of the function that stores a delivery's record: $1 to $6. */
function recordValues({ recordId, walletId, chain, userId, publicKey, shareSetId }: RecordColumns): readonly unknown[] {
  return [recordId, walletId, chain, userId, publicKey, shareSetId];
}

/** Returns a record as the attributes of `vault.new_record`; bytes as PostgreSQL reads them in a text. */
function sealItem(record: NewRecord): Readonly<Record<string, unknown>> {
  const { properties, sealed } = record;
  return {
    kind: record.kind,
    record_id: record.recordId,
    wallet_id: record.walletId,
    chain: record.chain,
    user_id: record.userId,
    public_key: record.publicKey,
    share_set_id: record.shareSetId,
    properties_sha256: bytea(record.propertiesSha256),
    [FIELDS.delegatedShare]: bytea(sealed.delegatedShare),
    [FIELDS.walletApiKey]: bytea(sealed.walletApiKey),
    [FIELDS.serverKeyShares]: bytea(sealed.serverKeyShares),
    key_id: record.keyId,
    key_material_id: record.keyMaterialId,
    transport_ids: record.transportIds,
    supersedes: record.supersedes,
    wallet_properties: properties?.text,
    has_backup_info: properties?.hasBackupInfo,
    expected_version: properties?.expectedVersion,
    force: properties?.force,
    keep_backup_info: properties?.keepBackupInfo,
  };
}

function bytea(value: Uint8Array | undefined): string | undefined {
  return value && `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`;
}

/** Returns the results of a call for several records, one for each. */
function resultsOf(rows: readonly Row[], expected: number): readonly Row[] {
  const results = objects(only(rows), 'results');
  if (results.length === expected) return results;
  throw new VaultError('InternalError', `expected ${expected} results from the database, got ${results.length}`);
}

function one<T>(results: readonly (T | VaultError)[]): T {
  const [result = new VaultError('InternalError', 'expected a result from the database, got none')] = results;
  if (result instanceof VaultError) throw result;
  return result;
}
