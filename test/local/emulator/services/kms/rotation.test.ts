import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DecryptCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { KmsFixture } from './support';

const ON_DEMAND_LIMIT = 10;

describe('key rotation in the local KMS', () => {
  let fixture = new KmsFixture();
  let KeyId = '';

  beforeEach(async () => {
    fixture = await new KmsFixture().start();
    KeyId = await fixture.createKey();
  });
  afterEach(() => fixture.remove());

  const encrypt = async () => {
    const response = await fixture.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('kept') }));
    return Buffer.from(response.CiphertextBlob ?? []);
  };
  const decrypt = async (CiphertextBlob: Uint8Array) => {
    const { Plaintext } = await fixture.client.send(new DecryptCommand({ CiphertextBlob }));
    return Buffer.from(Plaintext ?? []).toString();
  };
  const rotate = () => fixture.client.send(new RotateKeyOnDemandCommand({ KeyId }));
  const enable = (RotationPeriodInDays?: number) =>
    fixture.client.send(new EnableKeyRotationCommand({ KeyId, ...(RotationPeriodInDays && { RotationPeriodInDays }) }));
  const status = () => fixture.client.send(new GetKeyRotationStatusCommand({ KeyId }));
  /** Reads the number of the key material from a ciphertext. */
  const materialOf = (ciphertext: Buffer) => ciphertext.readUInt16BE(17);

  test('rotated material encrypts, and all material before it still decrypts', async () => {
    const first = await encrypt();
    await rotate();
    const second = await encrypt();
    await rotate();
    const third = await encrypt();

    expect([first, second, third].map(materialOf)).toEqual([0, 1, 2]);
    expect(await Promise.all([first, second, third].map(decrypt))).toEqual(['kept', 'kept', 'kept']);
  });

  test('a ciphertext that names other material of its key does not open', async () => {
    const ciphertext = await encrypt();
    await rotate();
    ciphertext.writeUInt16BE(1, 17);

    await expect(decrypt(ciphertext)).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test(`rotates on demand ${ON_DEMAND_LIMIT} times and no more`, async () => {
    const responses = await Promise.all(Array.from({ length: ON_DEMAND_LIMIT }, rotate));

    expect(responses.map(({ KeyId: returned }) => returned)).toEqual(Array(ON_DEMAND_LIMIT).fill(KeyId));
    await expect(rotate()).rejects.toThrowWithCode('LimitExceededException');
  });

  test('rotates by itself when its period is over', async () => {
    await enable(90);
    const before = await encrypt();
    fixture.passDays(89.9);
    const stillBefore = await encrypt();
    fixture.passDays(0.2);
    const after = await encrypt();

    expect([before, stillBefore, after].map(materialOf)).toEqual([0, 0, 1]);
    expect(await decrypt(before)).toBe('kept');
  });

  test('returns when it will rotate', async () => {
    const never = await status();
    await enable(90);

    const { KeyRotationEnabled, RotationPeriodInDays, NextRotationDate } = await status();

    const days = ((NextRotationDate?.getTime() ?? 0) - fixture.now.getTime()) / 86_400_000;
    expect(never.KeyRotationEnabled).toBe(false);
    expect({ KeyRotationEnabled, RotationPeriodInDays }).toEqual({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
    });
    expect(days).toBeCloseTo(90, 1);
  });

  test('rotates every 365 days if no period is given', async () => {
    await enable();

    expect((await status()).RotationPeriodInDays).toBe(365);
  });

  test('a key that is to be deleted rotates no more', async () => {
    await enable(90);
    await fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId }));

    expect((await status()).KeyRotationEnabled).toBe(false);
  });

  test.each([89, 2_561])('refuses a period of %i days', async (days) => {
    await expect(enable(days)).rejects.toThrowWithCode('ValidationException');
  });

  test.each([
    ['asymmetric', { KeySpec: 'RSA_2048' as const }],
    ['imported', { Origin: 'EXTERNAL' as const }],
  ])('refuses to rotate a key that is %s', async (_what, input) => {
    KeyId = await fixture.createKey(input);

    await expect(rotate()).rejects.toThrowWithCode('UnsupportedOperationException');
    await expect(enable()).rejects.toThrowWithCode('UnsupportedOperationException');
    await expect(status()).rejects.toThrowWithCode('UnsupportedOperationException');
  });
});
