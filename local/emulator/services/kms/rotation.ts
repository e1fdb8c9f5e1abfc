import { randomFillSync } from 'node:crypto';
import * as v from 'valibot';
import { readInput, seconds } from '../shape';
import { kmsErrors } from './errors';
import { type Key, type KeyMaterial, isRsa, requireState } from './key';
import { KEY_ID, type Operations } from './operation';
import type { KeyStore } from './store';

const DAY_MS = 86_400_000;
const ON_DEMAND_LIMIT = 10;

const KEY = v.strictObject({ KeyId: KEY_ID });
const ENABLE = v.strictObject({
  KeyId: KEY_ID,
  RotationPeriodInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(90), v.maxValue(2_560)), 365),
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
    if (key.rotationsOnDemand >= ON_DEMAND_LIMIT) {
      throw kmsErrors.limitExceeded(`a key can be rotated on demand ${ON_DEMAND_LIMIT} times`);
    }
    key.rotationsOnDemand += 1;
    key.materials.push(newMaterial(store.now()));
    store.save(key);
    return { KeyId: key.arn };
  },
};

export function newMaterial(createdAt: Date): KeyMaterial {
  const bytes = Buffer.allocUnsafeSlow(32);
  randomFillSync(bytes);
  return { createdAt, bytes };
}

/** Rotates a key if its rotation is due. There is no timer: a due rotation happens at the key's next use. */
export function rotateWhenDue(store: KeyStore, key: Key): void {
  const { rotation } = key;
  const now = store.now();
  if (rotation === undefined || key.deletionAt !== undefined || !key.enabled || rotation.nextAt > now) return;
  const period = rotation.periodInDays * DAY_MS;
  const missed = Math.floor((now.getTime() - rotation.nextAt.getTime()) / period);
  rotation.nextAt = new Date(rotation.nextAt.getTime() + (missed + 1) * period);
  key.materials.push(newMaterial(now));
  store.save(key);
}

function rotatable(key: Key): Key {
  if (isRsa(key.spec)) throw kmsErrors.unsupported(`${key.arn} is asymmetric: its material does not rotate`);
  if (key.origin === 'EXTERNAL')
    throw kmsErrors.unsupported(`${key.arn} origin is EXTERNAL which is not valid for this operation.`);
  return key;
}
