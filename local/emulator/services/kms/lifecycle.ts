import * as v from 'valibot';
import { readInput, seconds } from '../shape';
import { kmsErrors } from './errors';
import {
  type Key,
  type KeyMaterial,
  RSA_SPECS,
  SYMMETRIC,
  type KeySpec,
  algorithmsOf,
  isRsa,
  metadataOf,
  requireState,
  stateOf,
} from './key';
import { GRANT_TOKENS, KEY_ID, type Operations } from './operation';
import { currentMaterialIdOf } from './material';
import { newMaterial, rotateWhenDue } from './rotation';
import { generateRsa, publicKeyOf } from './rsa';
import type { KeyStore } from './store';

const DAY_MS = 86_400_000;

const CREATE = v.strictObject({
  KeySpec: v.optional(v.picklist([SYMMETRIC, ...RSA_SPECS]), SYMMETRIC),
  KeyUsage: v.optional(v.literal('ENCRYPT_DECRYPT')),
  Origin: v.optional(v.picklist(['AWS_KMS', 'EXTERNAL']), 'AWS_KMS'),
  Description: v.optional(v.pipe(v.string(), v.maxLength(8_192)), ''),
  MultiRegion: v.optional(v.literal(false)),
});
const KEY = v.strictObject({ KeyId: KEY_ID });
const KEY_WITH_GRANTS = v.strictObject({ KeyId: KEY_ID, GrantTokens: GRANT_TOKENS });
const SCHEDULE = v.strictObject({
  KeyId: KEY_ID,
  PendingWindowInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(7), v.maxValue(30)), 30),
});
const LIST = v.strictObject({
  Limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
  Marker: v.optional(v.string()),
});

/** Operations on keys themselves: create, describe, disable and delete them. */
export const lifecycleOperations: Operations = {
  async CreateKey(input, store) {
    const { KeySpec, Origin, Description } = readInput(CREATE, input);
    const material = Origin === 'EXTERNAL' ? undefined : await makeMaterial(KeySpec, store.now());
    const key = store.add({ spec: KeySpec, origin: Origin, description: Description }, material);
    return { KeyMetadata: describe(store, key) };
  },

  DescribeKey(input, store) {
    const key = store.find(readInput(KEY_WITH_GRANTS, input).KeyId);
    rotateWhenDue(store, key);
    return { KeyMetadata: describe(store, key) };
  },

  ListKeys(input, store) {
    const { Limit, Marker } = readInput(LIST, input);
    const keys = [...store.all()].sort((one, other) => (one.id < other.id ? -1 : 1));
    const rest = keys.filter(({ id }) => Marker === undefined || id > Marker);
    const page = rest.slice(0, Limit);
    const Truncated = page.length < rest.length;
    return {
      Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      Truncated,
      NextMarker: Truncated ? page.at(-1)?.id : undefined,
    };
  },

  GetPublicKey(input, store) {
    const key = store.find(readInput(KEY_WITH_GRANTS, input).KeyId);
    if (!isRsa(key.spec)) throw kmsErrors.unsupported(`${key.arn} is symmetric: it has no public key`);
    requireState(key, store.now());
    return {
      KeyId: key.arn,
      PublicKey: publicKeyOf(key),
      CustomerMasterKeySpec: key.spec,
      KeySpec: key.spec,
      KeyUsage: 'ENCRYPT_DECRYPT',
      EncryptionAlgorithms: algorithmsOf(key.spec),
    };
  },

  EnableKey(input, store) {
    const key = store.find(readInput(KEY, input).KeyId);
    requireState(key, store.now(), 'Disabled');
    key.enabled = true;
    store.save(key);
    return {};
  },

  DisableKey(input, store) {
    const key = store.find(readInput(KEY, input).KeyId);
    requireState(key, store.now(), 'Disabled');
    key.enabled = false;
    store.save(key);
    return {};
  },

  ScheduleKeyDeletion(input, store) {
    const { KeyId, PendingWindowInDays } = readInput(SCHEDULE, input);
    const key = store.find(KeyId);
    requireState(key, store.now(), 'Disabled', 'PendingImport');
    key.deletionAt = new Date(store.now().getTime() + PendingWindowInDays * DAY_MS);
    store.save(key);
    return {
      KeyId: key.arn,
      DeletionDate: seconds(key.deletionAt),
      KeyState: stateOf(key, store.now()),
      PendingWindowInDays,
    };
  },

  CancelKeyDeletion(input, store) {
    const key = store.find(readInput(KEY, input).KeyId);
    if (key.deletionAt === undefined) throw kmsErrors.invalidState(key.arn, 'not pending deletion');
    key.deletionAt = undefined;
    // as in KMS, the key stays disabled until EnableKey
    key.enabled = false;
    store.save(key);
    return { KeyId: key.arn };
  },
};

function describe(store: KeyStore, key: Key): object {
  return metadataOf(key, store.now(), currentMaterialIdOf(key));
}

async function makeMaterial(spec: KeySpec, createdAt: Date): Promise<KeyMaterial> {
  return isRsa(spec) ? { createdAt, bytes: await generateRsa(spec) } : newMaterial(createdAt);
}
