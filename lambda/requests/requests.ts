import { VaultError } from '../contract/errors';
import {
  AUDIT_REQUEST,
  type AuditRequest,
  PROPERTIES_REQUEST,
  type PropertiesRequest,
  REPLACE_PROPERTIES_REQUEST,
  type ReplacePropertiesRequest,
  REVOKE_REQUEST,
  type RevokeRequest,
  SEAL_BATCH_REQUEST,
  type SealBatchRequest,
  SEAL_REQUEST,
  type SealRequest,
  UNSEAL_BATCH_REQUEST,
  type UnsealBatchRequest,
  UNSEAL_ITEM,
  UNSEAL_REQUEST,
  type UnsealItem,
  type UnsealRequest,
} from '../contract/requests';
import { type Schema, readBy } from '../contract/schema';
import { REPLAY_REQUEST, type ReplayRequest } from '../contract/tombstones';

/** Reads a caller's request. Throws `InvalidRequest` that names every wrong member, and no value. */
export function read<T>(schema: Schema<T>, value: unknown): T {
  return readBy(schema, value, { name: 'request' }, (message) => new VaultError('InvalidRequest', message));
}

/** Whether a request has a member, whatever its value: that decides which of a function's requests it is. */
export function hasMember(event: unknown, name: string): boolean {
  return typeof event === 'object' && event !== null && Object.hasOwn(event, name);
}

export const readSealRequest = (event: unknown): SealRequest => read(SEAL_REQUEST, event);
export const readUnsealRequest = (event: unknown): UnsealRequest => read(UNSEAL_REQUEST, event);
export const readSealBatchRequest = (event: unknown): SealBatchRequest => read(SEAL_BATCH_REQUEST, event);
export const readUnsealBatchRequest = (event: unknown): UnsealBatchRequest => read(UNSEAL_BATCH_REQUEST, event);
export const readUnsealItem = (item: unknown): UnsealItem => read(UNSEAL_ITEM, item);
export const readReplacePropertiesRequest = (event: unknown): ReplacePropertiesRequest =>
  read(REPLACE_PROPERTIES_REQUEST, event);
export const readRevokeRequest = (event: unknown): RevokeRequest => read(REVOKE_REQUEST, event);
export const readReplayRequest = (event: unknown): ReplayRequest => read(REPLAY_REQUEST, event);
export const readPropertiesRequest = (event: unknown): PropertiesRequest => read(PROPERTIES_REQUEST, event);

export function readAuditRequest(event: unknown): AuditRequest {
  const request = read(AUDIT_REQUEST, event);
  if (request.action !== 'verify' || (request.after === undefined) === (request.hash === undefined)) return request;
  throw new VaultError('InvalidRequest', 'request: expected both after and hash or neither, got one of them');
}
