import { beforeEach, expect, jest, test } from '@jest/globals';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import type * as step from '../../../lambda/invocation/reseal-step';
import type * as envelope from '../../../lambda/keys/envelope';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { superuser } from '../store/stores';
import { callFor, former, kms, parts, present, sealedUnder, useResealer } from './resealer';

/** The buffers that held a material or a data key. */
const seen: Uint8Array[] = [];
let resealStep: typeof step.resealStep;

useResealer();
beforeEach(async () => {
  seen.length = 0;
  const real = jest.requireActual<typeof envelope>('../../../lambda/keys/envelope');
  const openBytes: typeof real.openBytes = async (...args) => watched(await real.openBytes(...args));
  jest.doMock('../../../lambda/keys/envelope', () => ({ ...real, openBytes }));
  ({ resealStep } = await import('../../../lambda/invocation/reseal-step'));
});

function watched(bytes: Buffer): Buffer {
  // a buffer that is all zero before it is wiped would show nothing
  if (bytes.every((byte) => byte === 0)) throw new Error('expected a secret, got zeros');
  seen.push(bytes);
  return bytes;
}

const watching = (key: KeyProvider): KeyProvider => ({
  ...key,
  wrapNewDataKey: async (...args) => {
    const made = await key.wrapNewDataKey(...args);
    watched(made.plaintext);
    return made;
  },
  unwrapDataKey: async (...args) => watched(await key.unwrapDataKey(...args)),
});

const shareKey = () => watching(createShareKeys(present, [former]));
const reseal = (changes = {}) => resealStep(callFor(), parts({ shareKey: shareKey(), ...changes }), () => undefined);
const left = () => seen.filter((bytes) => bytes.some((byte) => byte !== 0)).length;

test('a step wipes every material and data key that it saw', async () => {
  await sealedUnder(former);
  await sealedUnder(former, { kind: 'server-key-shares' });

  expect(await reseal()).toMatchObject({ resealed: 2 });
  // of each of three materials: itself, and two data keys
  expect([seen.length, left()]).toEqual([9, 0]);
});

test('a step wipes every material if it can not be sealed', async () => {
  await sealedUnder(former);
  await kms.client.send(new DisableKeyCommand({ KeyId: present.keyId }));

  await expect(reseal()).rejects.toThrow(/the key can't be used/);
  expect([seen.length, left()]).toEqual([4, 0]);
});

test('a step wipes every material if KMS asks to slow down', async () => {
  await sealedUnder(former);
  kms.kms.faults.set({ operation: 'GenerateDataKey', error: 'throttle' });

  expect(await reseal()).toMatchObject({ next: 'wait' });
  expect([seen.length, left()]).toEqual([4, 0]);
});

test('a step wipes one material of a record if the other one does not open', async () => {
  await sealedUnder(former);
  await superuser.query("UPDATE vault.delegated_shares SET encrypted_wallet_api_key = 'x'");

  expect(await reseal()).toMatchObject({ failed: 1 });
  expect([seen.length, left()]).toEqual([3, 0]);
});
