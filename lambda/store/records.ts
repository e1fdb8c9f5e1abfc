import {
  type AccessLogEntry,
  type ArchivedRows,
  type AuditRecordsResponse,
  type CensusGroup,
  LOG_ACTIONS,
  type ListedWallet,
  type RecordMetadata,
} from '../contract/responses';
import { FIELDS, KINDS, type Kind } from '../contract/kinds';
import { VaultError } from '../contract/errors';
import { ownError } from './pg-errors';
import {
  bytes,
  count,
  instant,
  optionalFlag,
  optionalHex,
  optionalText,
  optionalTime,
  text,
  texts,
  time,
} from './rows';
import type { Row } from './session';
import type { CreatedOutcome, RevokedOutcome, SealedRecord, StoredProperties, StoredRecord } from './store';

/** Converts the database's rows to the store's results. */

/** A result of `vault_api.seal_records`. */
export function storedRecordOf(row: Row): StoredRecord | VaultError {
  const refused = refusalOf(row);
  if (refused !== undefined) return refused;
  const supersededRecordId = optionalText(row, 'superseded_record_id');
  return {
    recordId: text(row, 'record_id'),
    keyId: text(row, 'key_id'),
    createdAt: instant(row, 'created_at'),
    ...(supersededRecordId !== undefined && { supersededRecordId }),
  };
}

function refusalOf(row: Row): VaultError | undefined {
  const code = optionalText(row, 'code');
  if (code === undefined) return undefined;
  return ownError(code, text(row, 'problem')) ?? unknown('code');
}

export function createdOutcomeOf(row: Row): CreatedOutcome {
  const value = text(row, 'outcome');
  return CREATED.find((outcome) => outcome === value) ?? unknown('outcome');
}

export function revokedOutcomeOf(row: Row): RevokedOutcome {
  const value = text(row, 'outcome');
  return REVOKED.find((outcome) => outcome === value) ?? unknown('outcome');
}

export function propertiesOf(row: Row): StoredProperties {
  return {
    version: count(row, 'version'),
    properties: optionalText(row, 'properties'),
    sha256: bytes(row, 'sha256'),
    createdAt: time(row, 'created_at'),
  };
}

/** A result of `vault_api.unseal_records`. */
export function sealedRecordOf(row: Row): SealedRecord | VaultError {
  const outcome = text(row, 'outcome');
  if (outcome !== 'granted') return refusedUnseal(outcome);
  const sealed = Object.entries(FIELDS).map(([name, column]) => [name, optionalHex(row, column)] as const);
  return {
    recordId: text(row, 'record_id'),
    userId: optionalText(row, 'user_id'),
    publicKey: optionalText(row, 'public_key'),
    shareSetId: optionalText(row, 'share_set_id'),
    propertiesSha256: optionalHex(row, 'properties_sha256'),
    sealed: Object.fromEntries(sealed.filter(([, message]) => message !== undefined)),
    accessCount: count(row, 'access_count'),
    propertiesChanged: optionalFlag(row, 'properties_changed') ?? false,
  };
}

function refusedUnseal(outcome: string): VaultError {
  switch (outcome) {
    case 'revoked':
      return new VaultError('Revoked', 'expected a wallet that was not revoked, got a revoked one');
    case 'frozen':
      return new VaultError('Frozen', 'expected a vault that opens records, got a frozen one');
    case 'changed':
      return new VaultError('StoreUnavailable', 'expected the record to exist until it was read, got it replaced');
    case 'too-large':
      return new VaultError(
        'BatchTooLarge',
        'expected records that fit one response, got more: ask for this one again',
      );
    default:
      // another user's record looks like a missing one: its owner stays unknown
      return new VaultError('NotFound', 'expected a record of this wallet, chain and user, got none');
  }
}

/** A row of `vault_api.census`. */
export function censusGroupOf(row: Row): CensusGroup {
  const keyMaterialId = text(row, 'key_material_id');
  return {
    kind: kindOf(text(row, 'kind')),
    keyId: text(row, 'key_id'),
    ...(keyMaterialId !== '' && { keyMaterialId }),
    records: count(row, 'records'),
    superseded: count(row, 'superseded'),
    oldest: time(row, 'oldest').toISOString(),
  };
}

/** A row of `vault_api.list_wallets`. */
export function listedWalletOf(row: Row): ListedWallet {
  const revokedAt = optionalTime(row, 'revoked_at')?.toISOString();
  const serverKeySharesRevokedAt = optionalTime(row, 'server_key_shares_revoked_at')?.toISOString();
  const hasProperties = (row.properties_version ?? undefined) !== undefined;
  return {
    walletId: text(row, 'wallet_id'),
    chain: text(row, 'chain'),
    createdAt: time(row, 'created_at').toISOString(),
    kinds: texts(row, 'kinds').map(kindOf),
    length: count(row, 'log_length'),
    head: bytes(row, 'log_head').toString('hex'),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(serverKeySharesRevokedAt !== undefined && { serverKeySharesRevokedAt }),
    ...(hasProperties && { propertiesVersion: count(row, 'properties_version') }),
  };
}

/** The rows of `vault_api.records_and_materials`: a wallet without records is one row with its revocations only. */
export function recordsOf(rows: readonly Row[]): AuditRecordsResponse {
  const records = rows.filter((row) => optionalText(row, 'record_id') !== undefined).map(metadataOf);
  const revokedAt = rows[0] && optionalTime(rows[0], 'revoked_at');
  const serverKeySharesRevokedAt = rows[0] && optionalTime(rows[0], 'server_key_shares_revoked_at');
  return {
    records,
    ...(revokedAt !== undefined && { revokedAt: revokedAt.toISOString() }),
    ...(serverKeySharesRevokedAt !== undefined && { serverKeySharesRevokedAt: serverKeySharesRevokedAt.toISOString() }),
  };
}

function metadataOf(row: Row): RecordMetadata {
  const userId = optionalText(row, 'user_id');
  const publicKey = optionalText(row, 'public_key');
  const shareSetId = optionalText(row, 'share_set_id');
  const lastAccessedAt = optionalTime(row, 'last_accessed_at')?.toISOString();
  const supersededAt = optionalTime(row, 'superseded_at')?.toISOString();
  const keyMaterialId = optionalText(row, 'key_material_id');
  return {
    recordId: text(row, 'record_id'),
    kind: kindOf(text(row, 'kind')),
    keyId: text(row, 'key_id'),
    algorithm: text(row, 'algorithm'),
    createdAt: time(row, 'created_at').toISOString(),
    accessCount: count(row, 'access_count'),
    ...(userId !== undefined && { userId }),
    ...(publicKey !== undefined && { publicKey }),
    ...(shareSetId !== undefined && { shareSetId }),
    ...(lastAccessedAt !== undefined && { lastAccessedAt }),
    ...(supersededAt !== undefined && { supersededAt }),
    ...(keyMaterialId !== undefined && { keyMaterialId }),
    ...(row.wrapped_keys != null && { wrappedKeys: texts(row, 'wrapped_keys') }),
  };
}

export function archivedRowsOf(row: Row): ArchivedRows {
  return {
    from: count(row, 'first_sequence'),
    previousHash: bytes(row, 'previous_hash').toString('hex'),
    sequence: count(row, 'sequence'),
    hash: bytes(row, 'hash').toString('hex'),
  };
}

export function logEntryOf(row: Row): AccessLogEntry {
  const recordId = optionalText(row, 'record_id');
  const reason = optionalText(row, 'reason');
  return {
    sequence: count(row, 'sequence'),
    at: text(row, 'at'),
    action: actionOf(text(row, 'action')),
    outcome: text(row, 'outcome'),
    actor: text(row, 'actor'),
    requestId: text(row, 'request_id'),
    ...(recordId !== undefined && { recordId }),
    ...(reason !== undefined && { reason }),
    previousHash: bytes(row, 'previous_hash').toString('hex'),
    hash: bytes(row, 'hash').toString('hex'),
  };
}

const CREATED: readonly CreatedOutcome[] = ['sealed', 'duplicate', 'outdated'];
const REVOKED: readonly RevokedOutcome[] = ['revoked', 'superseded-destroyed', 'duplicate', 'outdated'];

export function kindOf(value: string): Kind {
  return KINDS.find((kind) => kind === value) ?? unknown('kind');
}

function actionOf(value: string): AccessLogEntry['action'] {
  return LOG_ACTIONS.find((action) => action === value) ?? unknown('action');
}

function unknown(what: string): never {
  throw new VaultError('InternalError', `expected a known ${what} in the database's row, got another`);
}
