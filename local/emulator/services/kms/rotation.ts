import { randomFillSync } from 'node:crypto';
import * as v from 'valibot';
import { readInput, seconds } from '../shape';
import { kmsErrors } from './errors';
import { type Key, type KeyMaterial, isRsa, requireState } from './key';
import { rotationsOf } from './material';
import { KEY_ID, type Operations } from './operation';
import { rotatedOf } from './rotated';
import type { KeyStore } from './store';

const DAY_MS = 86_400_000;
/** `RotateKeyOnDemand`, a key (quota "On-demand rotations of a KMS key", KMS Developer Guide, Resource quotas). */
const ON_DEMAND_LIMIT = 25;

const KEY = v.strictObject({ KeyId: KEY_ID });
const ENABLE = v.strictObject({
  KeyId: KEY_ID,
  RotationPeriodInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(90), v.maxValue(2_560)), 365),
});
const LIST = v.strictObject({
  KeyId: KEY_ID,
  IncludeKeyMaterial: v.optional(v.picklist(['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY'])),
  Limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
  // opaque in KMS; here the number of entries before the page
  Marker: v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,3}$/))),
});

/** Operations on rotation: new key material encrypts, all former material still decrypts. */
export const rotationOperations: Operations = {
  EnableKeyRotation(input, store) {
    const { KeyId, RotationPeriodInDays: periodInDays } = readInput(ENABLE, input);
    const key = rotatable(store.find(KeyId));
    requireState(key, store.now());
    rotateWhenDue(store, key);
    key.rotation = { periodInDays, nextAt: new Date(store.now().getTime() + periodInDays * DAY_MS) };
    store.save(key);
    return {};
  },

  GetKeyRotationStatus(input, store) {
    const key = rotatable(store.find(readInput(KEY, input).KeyId));
    rotateWhenDue(store, key);
    // a key that is pending deletion does not rotate
    const rotation = key.deletionAt === undefined ? key.rotation : undefined;
    return {
      KeyId: key.arn,
      KeyRotationEnabled: rotation !== undefined,
      RotationPeriodInDays: rotation?.periodInDays,
      NextRotationDate: rotation && seconds(rotation.nextAt),
    };
  },

  RotateKeyOnDemand(input, store) {
    const key = rotatable(store.find(readInput(KEY, input).KeyId));
    requireState(key, store.now());
    rotateWhenDue(store, key);
    if (key.rotationsOnDemand >= ON_DEMAND_LIMIT) {
      throw kmsErrors.limitExceeded(`a key can be rotated on demand ${ON_DEMAND_LIMIT} times`);
    }
    key.rotationsOnDemand += 1;
    rotate(store, key, 'ON_DEMAND');
    return { KeyId: key.arn };
  },

  ListKeyRotations(input, store) {
    const { KeyId, IncludeKeyMaterial, Limit, Marker } = readInput(LIST, input);
    const key = store.find(KeyId);
    if (isRsa(key.spec)) throw kmsErrors.unsupported(`${key.arn} is asymmetric: its material does not rotate`);
    rotateWhenDue(store, key);
    const from = Number(Marker ?? 0);
    const entries = rotationsOf(key, IncludeKeyMaterial === 'ALL_KEY_MATERIAL');
    const until = from + Limit;
    const Truncated = until < entries.length;
    return { Rotations: entries.slice(from, until), Truncated, NextMarker: Truncated ? String(until) : undefined };
  },
};

export function newMaterial(createdAt: Date, rotated?: KeyMaterial['rotated']): KeyMaterial {
  const bytes = Buffer.allocUnsafeSlow(32);
  randomFillSync(bytes);
  return { createdAt, bytes, ...(rotated && { rotated }) };
}

/** Rotates a key if its rotation is due. There is no timer: a due rotation happens at the key's next use. */
export function rotateWhenDue(store: KeyStore, key: Key): void {
  const { rotation } = key;
  const now = store.now();
  if (rotation === undefined || key.deletionAt !== undefined || !key.enabled || rotation.nextAt > now) return;
  const period = rotation.periodInDays * DAY_MS;
  const missed = Math.floor((now.getTime() - rotation.nextAt.getTime()) / period);
  rotation.nextAt = new Date(rotation.nextAt.getTime() + (missed + 1) * period);
  rotate(store, key, 'AUTOMATIC');
}

function rotate(store: KeyStore, key: Key, type: 'AUTOMATIC' | 'ON_DEMAND'): void {
  key.materials.push(newMaterial(store.now(), type));
  store.save(key);
  store.onRotated?.(rotatedOf(key, type));
}

function rotatable(key: Key): Key {
  if (isRsa(key.spec)) throw kmsErrors.unsupported(`${key.arn} is asymmetric: its material does not rotate`);
  if (key.origin === 'EXTERNAL')
    throw kmsErrors.unsupported(`${key.arn} origin is EXTERNAL which is not valid for this operation.`);
  return key;
}
