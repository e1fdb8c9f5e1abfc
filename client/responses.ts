import { createHash } from 'node:crypto';
import {
  type AuditHeadResponse,
  type AuditLogResponse,
  type AuditRecordsResponse,
  type AuditVerifyResponse,
  HEAD_RESPONSE,
  LOG_RESPONSE,
  PROPERTIES_RESPONSE,
  type PropertiesResponse,
  RECORDS_RESPONSE,
  REVOKE_RESPONSE,
  type RevokeResponse,
  SEAL_RESPONSE,
  type SealResponse,
  UNSEAL_RESPONSE,
  type UnsealResponse,
  VERIFY_RESPONSE,
} from '../lambda/contract/responses';
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
export const readHeadResponse = (response: unknown): AuditHeadResponse => readResponse(HEAD_RESPONSE, response);

/** The text must have the digest that the vault stores, and the requested version if the request named one. */
export function readPropertiesResponse(response: unknown, requested: number | undefined): PropertiesResponse {
  const properties = readResponse(PROPERTIES_RESPONSE, response);
  const sha256 = createHash('sha256').update(properties.walletProperties, 'utf8').digest('hex');
  if (requested !== undefined && properties.version !== requested)
    throw rejected('version: expected the requested one');
  if (properties.sha256 !== sha256) throw rejected('sha256: expected the digest of the text, got another');
  return properties;
}

/** @param inParts whether the request was for a part: then the response reports its end */
export function readVerifyResponse(response: unknown, inParts: boolean): AuditVerifyResponse {
  const { complete, ...rest } = readResponse(VERIFY_RESPONSE, response);
  // without a start the whole log was verified
  if (!inParts) return rest;
  if (complete === undefined) throw rejected('complete: expected true or false, got none');
  return { ...rest, complete };
}
