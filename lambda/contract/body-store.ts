import * as v from 'valibot';
import { BODY_STORE_LIMITS, type BodyStoreDescription, ELSEWHERE_PATTERNS } from './elsewhere';
import { AZURE_LOGIN, GOOGLE_LOGIN, VAULT_LOGIN, VAULT_PLACE } from './other-key';
import { KMS_KEY_ARN_PATTERN } from './patterns';
import { type Schema, matching, wholeNumber } from './schema';

/** Schema of what the constructs say about the store of sealed bodies. */

const L = BODY_STORE_LIMITS;

/** Most entries of a store: each is paid for by the month, or the store has a quota. */
const maxRecords = (type: keyof typeof L.maxRecords) => wholeNumber(1, L.maxRecords[type]);
const days = ({ min, max }: { readonly min: number; readonly max: number }) => wholeNumber(min, max);

export const BODY_STORE: Schema<BodyStoreDescription> = v.variant(
  'type',
  [
    v.strictObject({
      type: v.literal('secrets-manager'),
      maxRecords: maxRecords('secrets-manager'),
      storageKey: matching(KMS_KEY_ARN_PATTERN, 'the ARN of a KMS key, not of an alias'),
      recoveryDays: v.union([v.literal(0), days(L.secretsManagerDays)], '0, or 7 to 30 days'),
    }),
    v.strictObject({
      type: v.literal('google-secret-manager'),
      maxRecords: maxRecords('google-secret-manager'),
      project: matching(ELSEWHERE_PATTERNS.googleProject, 'the id or number of a project'),
      destroyDelayDays: days(L.googleDelayDays),
      ...GOOGLE_LOGIN,
    }),
    v.strictObject({
      type: v.literal('azure-key-vault'),
      maxRecords: maxRecords('azure-key-vault'),
      vault: matching(ELSEWHERE_PATTERNS.azureVault, 'the address of a key vault'),
      recoveryDays: days(L.azureDays),
      purge: v.boolean('true or false'),
      ...AZURE_LOGIN,
    }),
    v.strictObject({
      type: v.literal('vault-kv'),
      maxRecords: maxRecords('vault-kv'),
      login: VAULT_LOGIN,
      ...VAULT_PLACE,
    }),
  ],
  'secrets-manager, google-secret-manager, azure-key-vault or vault-kv',
);
