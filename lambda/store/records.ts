import { type AccessLogEntry, LOG_ACTIONS, type RecordMetadata } from '../contract/responses';
import { KINDS, type Kind } from '../contract/kinds';
import { VaultError } from '../contract/errors';
import { bytes, count, optionalBytes, optionalText, optionalTime, text, time } from './rows';
import type { Row } from './session';
import type { CreatedOutcome, RevokedOutcome, SealedRecord, StoredProperties, StoredRecord } from './store';

/** Converts the database's rows to the store's results. */

export function storedRecordOf(row: Row): StoredRecord {
  const supersededRecordId = optionalText(row, 'superseded_record_id');
  return {
    recordId: text(row, 'record_id'),
    keyId: text(row, 'key_id'),
    createdAt: time(row, 'created_at'),
    ...(supersededRecordId !== undefined && { supersededRecordId }),
  };
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
    properties: text(row, 'properties'),
    sha256: bytes(row, 'sha256'),
    createdAt: time(row, 'created_at'),
  };
}

export function sealedRecordOf(row: Row): SealedRecord {
  return {
    recordId: text(row, 'record_id'),
    userId: optionalText(row, 'user_id'),
    publicKey: optionalText(row, 'public_key'),
    shareSetId: optionalText(row, 'share_set_id'),
    propertiesSha256: optionalBytes(row, 'properties_sha256'),
    sealed: { delegatedShare: bytes(row, 'delegated_share'), walletApiKey: bytes(row, 'wallet_api_key') },
    accessCount: count(row, 'access_count'),
  };
}

export function metadataOf(row: Row): RecordMetadata {
  const userId = optionalText(row, 'user_id');
  const publicKey = optionalText(row, 'public_key');
  const shareSetId = optionalText(row, 'share_set_id');
  const lastAccessedAt = optionalTime(row, 'last_accessed_at')?.toISOString();
  const supersededAt = optionalTime(row, 'superseded_at')?.toISOString();
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

function kindOf(value: string): Kind {
  return KINDS.find((kind) => kind === value) ?? unknown('kind');
}

function actionOf(value: string): AccessLogEntry['action'] {
  return LOG_ACTIONS.find((action) => action === value) ?? unknown('action');
}

function unknown(what: string): never {
  throw new VaultError('InternalError', `expected a known ${what} in the database's row, got another`);
}
