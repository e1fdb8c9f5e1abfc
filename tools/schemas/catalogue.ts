import * as v from 'valibot';
import {
  FREEZES_RESPONSE,
  FREEZE_REQUEST,
  FREEZE_RESPONSE,
  REQUEST_THAW_RESPONSE,
  THAW_REQUEST,
  THAW_RESPONSE,
} from '../../lambda/contract/freezes';
import { LIMITS } from '../../lambda/contract/limits';
import {
  AUDIT_REQUEST,
  PROPERTIES_REQUEST,
  REPLACE_PROPERTIES_REQUEST,
  REVOKE_REQUEST,
  SEAL_BATCH_REQUEST,
  SEAL_REQUEST,
  UNSEAL_BATCH_REQUEST,
  UNSEAL_ITEM,
  UNSEAL_REQUEST,
} from '../../lambda/contract/requests';
import {
  ARCHIVED_LINE,
  AUDIT_HEAD_RESPONSE,
  FUNCTION_ERROR,
  HEAD_LINE,
  LOG_LINE,
  LOG_RESPONSE,
  PROPERTIES_NOT_MODIFIED_RESPONSE,
  PROPERTIES_RESPONSE,
  RECORDS_RESPONSE,
  REPLACE_PROPERTIES_RESPONSE,
  REVOKE_RESPONSE,
  SEAL_BATCH_RESPONSE,
  SEAL_RESPONSE,
  UNSEAL_BATCH_RESPONSE,
  UNSEAL_RESPONSE,
  VERIFY_RESPONSE,
  CENSUS_RESPONSE,
  WALLETS_RESPONSE,
  WEBHOOK_RESPONSE,
} from '../../lambda/contract/responses';
import { RESEALS_RESPONSE, RESEAL_FAILURES_RESPONSE, RESEAL_RECEIPT_RESPONSE } from '../../lambda/contract/reseal-runs';
import {
  FINISH_REPLAY_RESPONSE,
  REPLAY_REQUEST,
  REPLAY_BUCKET_RESPONSE,
  REPLAY_RESPONSE,
  TOMBSTONES_RESPONSE,
} from '../../lambda/contract/tombstones';
import { TOMBSTONE_OBJECT } from '../../lambda/contract/tombstone-object';
import { HYBRID_ENVELOPE, INBOUND_HEADER, OUTBOUND_HEADER, RECIPIENT_JWK } from '../../lambda/contract/transport';
import { CREATED_EVENT, ENVELOPE, REVOKED_EVENT } from '../../lambda/webhook/event';

interface Entry {
  readonly schema: v.GenericSchema;
  readonly title: string;
}

/** The schemas that docs/schemas has, by their files' names. */
export const CATALOGUE: Readonly<Record<string, Entry>> = {
  'seal-request': { schema: SEAL_REQUEST, title: 'Request of seal: one record' },
  'seal-batch-request': {
    schema: v.strictObject({ ...SEAL_BATCH_REQUEST.entries, items: itemsOf(SEAL_REQUEST) }),
    title: 'Request of seal: several records',
  },
  'replace-properties-request': {
    schema: REPLACE_PROPERTIES_REQUEST,
    title: 'Request of seal: wallet properties only',
  },
  'unseal-request': { schema: UNSEAL_REQUEST, title: 'Request of unseal: one record' },
  'unseal-batch-request': {
    schema: v.strictObject({ ...UNSEAL_BATCH_REQUEST.entries, items: itemsOf(UNSEAL_ITEM) }),
    title: 'Request of unseal: several records',
  },
  'revoke-request': { schema: REVOKE_REQUEST, title: 'Request of revoke' },
  'properties-request': { schema: PROPERTIES_REQUEST, title: 'Request of properties' },
  'audit-request': { schema: AUDIT_REQUEST, title: 'Request of audit' },
  'seal-response': { schema: SEAL_RESPONSE, title: 'Response of seal: one record' },
  'seal-batch-response': { schema: SEAL_BATCH_RESPONSE, title: 'Response of seal: several records' },
  'replace-properties-response': {
    schema: REPLACE_PROPERTIES_RESPONSE,
    title: 'Response of seal: wallet properties only',
  },
  'unseal-response': { schema: UNSEAL_RESPONSE, title: 'Response of unseal: one record' },
  'unseal-batch-response': { schema: UNSEAL_BATCH_RESPONSE, title: 'Response of unseal: several records' },
  'revoke-replay-request': { schema: REPLAY_REQUEST, title: 'Request of revoke: tombstones after a restore' },
  'revoke-replay-response': { schema: REPLAY_RESPONSE, title: 'Response of revoke: replay-tombstones' },
  'revoke-replay-bucket-response': { schema: REPLAY_BUCKET_RESPONSE, title: 'Response of revoke: replay-bucket' },
  'tombstone-object': { schema: TOMBSTONE_OBJECT, title: 'Object of the bucket of tombstones' },
  'revoke-finish-replay-response': { schema: FINISH_REPLAY_RESPONSE, title: 'Response of revoke: finish-replay' },
  'revoke-response': { schema: REVOKE_RESPONSE, title: 'Response of revoke' },
  'properties-response': { schema: PROPERTIES_RESPONSE, title: 'Response of properties' },
  'properties-not-modified-response': {
    schema: PROPERTIES_NOT_MODIFIED_RESPONSE,
    title: 'Response of properties: the text of ifNoneMatch is the stored one',
  },
  'audit-records-response': { schema: RECORDS_RESPONSE, title: 'Response of audit: records' },
  'audit-log-response': { schema: LOG_RESPONSE, title: 'Response of audit: log' },
  'audit-head-response': { schema: AUDIT_HEAD_RESPONSE, title: 'Response of audit: head' },
  'audit-verify-response': { schema: VERIFY_RESPONSE, title: 'Response of audit: verify' },
  'audit-census-response': { schema: CENSUS_RESPONSE, title: 'Response of audit: census' },
  'audit-tombstones-response': { schema: TOMBSTONES_RESPONSE, title: 'Response of audit: tombstones' },
  'audit-reseals-response': { schema: RESEALS_RESPONSE, title: 'Response of audit: reseals' },
  'audit-reseal-failures-response': {
    schema: RESEAL_FAILURES_RESPONSE,
    title: 'Response of audit: reseal-failures',
  },
  'audit-reseal-receipt-response': {
    schema: RESEAL_RECEIPT_RESPONSE,
    title: 'Response of audit: reseal-receipt',
  },
  'audit-wallets-response': { schema: WALLETS_RESPONSE, title: 'Response of audit: wallets' },
  'freeze-request': { schema: FREEZE_REQUEST, title: 'Request of freeze' },
  'thaw-request': { schema: THAW_REQUEST, title: 'Request of thaw' },
  'freeze-response': { schema: FREEZE_RESPONSE, title: 'Response of freeze: freeze' },
  'request-thaw-response': { schema: REQUEST_THAW_RESPONSE, title: 'Response of freeze: request-thaw' },
  'thaw-response': { schema: THAW_RESPONSE, title: 'Response of thaw: confirm-thaw' },
  'freezes-response': { schema: FREEZES_RESPONSE, title: 'Response of freeze and thaw: list' },
  'function-error': { schema: FUNCTION_ERROR, title: "Lambda's response if a function refused or failed" },
  'inbound-header': { schema: INBOUND_HEADER, title: 'Protected header of a JWE to the vault' },
  'outbound-header': { schema: OUTBOUND_HEADER, title: 'Protected header of a JWE from the vault' },
  recipient: { schema: RECIPIENT_JWK, title: 'One-time public key of a caller' },
  'webhook-created': { schema: CREATED_EVENT, title: 'Body of a delivery: wallet.delegation.created' },
  'webhook-revoked': { schema: REVOKED_EVENT, title: 'Body of a delivery: wallet.delegation.revoked' },
  'webhook-response': { schema: WEBHOOK_RESPONSE, title: 'Response to a delivery' },
  'archived-line': {
    schema: ARCHIVED_LINE,
    title: 'Archived rows of an access log, as share-vault log prints them in the place of the rows',
  },
  'log-line': { schema: LOG_LINE, title: 'Row of an access log, as share-vault log prints it' },
  'head-line': { schema: HEAD_LINE, title: 'Head of an access log, as share-vault export prints it' },
};

/** Schemas in place of values that another reader of the runtime checks. */
export const REPLACEMENTS: ReadonlyMap<v.GenericSchema, v.GenericSchema> = new Map([[ENVELOPE, HYBRID_ENVELOPE]]);

/** A batch's items: the function reads each by itself, so its own schema leaves them open. */
function itemsOf(item: v.GenericSchema): v.GenericSchema {
  return v.pipe(
    v.array(item),
    v.minLength(1),
    v.maxLength(LIMITS.batchRecords),
    v.metadata({
      $comment: 'an item that does not fit fails by itself: the response has its error, and the others go on',
    }),
  );
}
