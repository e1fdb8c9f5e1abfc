import { privateDecrypt, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OAEP } from '../../../../lambda/contract/encrypt';
import { createRecoveryKey } from '../../../../lambda/keys/elsewhere/recovery-key';
import { CONTEXT, type RecoveryPair, newRecoveryPair, soon } from './support/recovery';

describe('a recovery key', () => {
  const dataKey = randomBytes(32);
  let pair: RecoveryPair;
  beforeAll(() => {
    pair = newRecoveryPair('safe-2026');
  });

  const wrap = (signal = soon()) => createRecoveryKey(pair.key).wrapDataKey(dataKey, CONTEXT, signal);

  test('wraps the bare data key, which its private key unwraps', async () => {
    const { ciphertext } = await wrap();

    expect(privateDecrypt({ key: pair.privateKey, ...OAEP }, ciphertext)).toEqual(dataKey);
  });

  test('wraps a data key each time differently', async () => {
    expect((await wrap()).ciphertext).not.toEqual((await wrap()).ciphertext);
  });

  test('names itself by the namespace of recovery keys, its name and its fingerprint', async () => {
    const { providerId, providerInfo } = await wrap();

    expect(providerId).toBe('share-vault-recovery');
    expect(Buffer.from(providerInfo).toString()).toBe(`safe-2026 SHA256:${pair.key.fingerprint}`);
  });

  test('leaves the data key to its caller', async () => {
    const before = Buffer.from(dataKey);

    await wrap();

    expect(dataKey).toEqual(before);
  });

  test('wraps nothing after the time is up', async () => {
    await expect(wrap(AbortSignal.abort())).rejects.toThrowWithCode('KeyTimeout');
  });

  test('reports a data key that does not fit as unavailable, without its bytes', async () => {
    const tooLong = randomBytes(512);

    const wrapped = createRecoveryKey(pair.key).wrapDataKey(tooLong, CONTEXT, soon());

    await expect(wrapped).rejects.toThrowWithCode('KeyUnavailable');
    await expect(wrapped).rejects.toThrow(/^the recovery key can't be used$/);
  });

  test('can do nothing but wrap', () => {
    expect(Object.keys(createRecoveryKey(pair.key))).toEqual(['wrapDataKey']);
  });
});
