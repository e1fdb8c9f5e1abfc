import { createHash } from 'node:crypto';
import {
  AUDIT_HEAD_RESPONSE,
  type AuditHeadResponse,
  type AuditLogResponse,
  type AuditRecordsResponse,
  type AuditVerifyResponse,
  type AuditCensusResponse,
  type AuditWalletsResponse,
  LOG_RESPONSE,
  PROPERTIES_NOT_MODIFIED_RESPONSE,
  PROPERTIES_RESPONSE,
  type PropertiesResponse,
  RECORDS_RESPONSE,
  REPLACE_PROPERTIES_RESPONSE,
  type ReplacePropertiesResponse,
  REVOKE_RESPONSE,
  type RevokeResponse,
  SEAL_RESPONSE,
  type SealResponse,
  UNSEAL_RESPONSE,
  type UnsealResponse,
  VERIFY_RESPONSE,
  CENSUS_RESPONSE,
  WALLETS_RESPONSE,
} from '../lambda/contract/responses';
import {
  RESEALS_RESPONSE,
  RESEAL_FAILURES_RESPONSE,
  RESEAL_RECEIPT_RESPONSE,
  type ResealFailuresResponse,
  type ResealReceiptFact,
  type ResealsResponse,
} from '../lambda/contract/reseal-runs';
import {
  FREEZES_RESPONSE,
  FREEZE_RESPONSE,
  type FreezeResponse,
  type FreezesResponse,
  REQUEST_THAW_RESPONSE,
  type RequestThawResponse,
  THAW_RESPONSE,
  type ThawResponse,
} from '../lambda/contract/freezes';
import {
  FINISH_REPLAY_RESPONSE,
  type FinishReplayResponse,
  REPLAY_BUCKET_RESPONSE,
  REPLAY_RESPONSE,
  type ReplayBucketResponse,
  type ReplayResponse,
  TOMBSTONES_RESPONSE,
  type TombstonesResponse,
} from '../lambda/contract/tombstones';
import { type Schema, readBy } from '../lambda/contract/schema';
import { ShareVaultError } from './errors';

/**
 * Reads a response by its schema. Throws `ResponseRejected` that names the first wrong member, and no value: a response
 * has up to 6 MB, and an error for each of its members could fill the memory.
 */
export function readResponse<T>(schema: Schema<T>, response: unknown): T {
  return readBy(schema, response, { name: 'response', abortEarly: true }, rejected);
}

export function rejected(message: string): ShareVaultError {
  return new ShareVaultError('ResponseRejected', `response: ${message}`);
}

export const readSealResponse = (response: unknown): SealResponse => readResponse(SEAL_RESPONSE, response);
export const readUnsealResponse = (response: unknown): UnsealResponse => readResponse(UNSEAL_RESPONSE, response);
export const readRevokeResponse = (response: unknown): RevokeResponse => readResponse(REVOKE_RESPONSE, response);
export const readRecordsResponse = (response: unknown): AuditRecordsResponse =>
  readResponse(RECORDS_RESPONSE, response);
export const readLogResponse = (response: unknown): AuditLogResponse => readResponse(LOG_RESPONSE, response);
export const readHeadResponse = (response: unknown): AuditHeadResponse => readResponse(AUDIT_HEAD_RESPONSE, response);
export const readCensusResponse = (response: unknown): AuditCensusResponse => readResponse(CENSUS_RESPONSE, response);
export const readResealsResponse = (response: unknown): ResealsResponse => readResponse(RESEALS_RESPONSE, response);
export const readResealFailuresResponse = (response: unknown): ResealFailuresResponse =>
  readResponse(RESEAL_FAILURES_RESPONSE, response);
export const readResealReceiptResponse = (response: unknown): ResealReceiptFact =>
  readResponse(RESEAL_RECEIPT_RESPONSE, response);
export const readTombstonesResponse = (response: unknown): TombstonesResponse =>
  readResponse(TOMBSTONES_RESPONSE, response);
export const readReplayResponse = (response: unknown): ReplayResponse => readResponse(REPLAY_RESPONSE, response);
export const readReplayBucketResponse = (response: unknown): ReplayBucketResponse =>
  readResponse(REPLAY_BUCKET_RESPONSE, response);
export const readFinishReplayResponse = (response: unknown): FinishReplayResponse =>
  readResponse(FINISH_REPLAY_RESPONSE, response);
export const readWalletsResponse = (response: unknown): AuditWalletsResponse =>
  readResponse(WALLETS_RESPONSE, response);

export const readFreezeResponse = (response: unknown): FreezeResponse => readResponse(FREEZE_RESPONSE, response);
export const readRequestThawResponse = (response: unknown): RequestThawResponse =>
  readResponse(REQUEST_THAW_RESPONSE, response);
export const readThawResponse = (response: unknown): ThawResponse => readResponse(THAW_RESPONSE, response);
export const readFreezesResponse = (response: unknown): FreezesResponse => readResponse(FREEZES_RESPONSE, response);

/** The text must have the digest that the vault stores, and the requested version if the request named one. */
export function readPropertiesResponse(response: unknown, requested: number | undefined): PropertiesResponse {
  const properties = readResponse(PROPERTIES_RESPONSE, response);
  if (requested !== undefined && properties.version !== requested)
    throw rejected('version: expected the requested one');
  requireDigest(properties.sha256, properties.walletProperties);
  return properties;
}

/** Reads the response to a request with the digest of a known text: it omits the text if the vault has the same. */
export function readRevalidatedResponse(response: unknown, known: PropertiesResponse): PropertiesResponse {
  const notModified = typeof response === 'object' && response !== null && 'notModified' in response;
  if (!notModified) return readPropertiesResponse(response, undefined);
  const { version, sha256, createdAt } = readResponse(PROPERTIES_NOT_MODIFIED_RESPONSE, response);
  requireDigest(sha256, known.walletProperties);
  return { version, walletProperties: known.walletProperties, sha256, createdAt };
}

/** The digest must be that of the text which was sent. */
export function readReplacePropertiesResponse(response: unknown, sent: string): ReplacePropertiesResponse {
  const replaced = readResponse(REPLACE_PROPERTIES_RESPONSE, response);
  requireDigest(replaced.sha256, sent);
  return replaced;
}

function requireDigest(sha256: string, text: string): void {
  if (createHash('sha256').update(text, 'utf8').digest('hex') === sha256) return;
  throw rejected('sha256: expected the digest of the text, got another');
}

/** @param inParts whether the request was for a part: then the response reports its end */
export function readVerifyResponse(response: unknown, inParts: boolean): AuditVerifyResponse {
  const { complete, ...rest } = readResponse(VERIFY_RESPONSE, response);
  // without a start the whole log was verified
  if (!inParts) return rest;
  if (complete === undefined) throw rejected('complete: expected true or false, got none');
  return { ...rest, complete };
}
