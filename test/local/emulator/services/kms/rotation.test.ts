import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DecryptCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { KmsFixture } from './support';

const ON_DEMAND_LIMIT = 25;

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

  test('reports each rotation to its listener, on demand and by itself, with the ids of both materials', async () => {
    const rotations: unknown[] = [];
    fixture.kms.onRotated((rotated) => rotations.push(rotated));
    const materialId = async () =>
      (await fixture.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;
    const ids = [await materialId()];
    await rotate();
    ids.push(await materialId());
    await enable(90);
    fixture.passDays(91);
    await encrypt();
    ids.push(await materialId());

    const key = { arn: KeyId, keyId: KeyId.replace(/^.*\//, ''), origin: 'AWS_KMS' };
    expect(rotations).toEqual([
      { ...key, type: 'ON_DEMAND', previousMaterialId: ids[0], currentMaterialId: ids[1] },
      { ...key, type: 'AUTOMATIC', previousMaterialId: ids[1], currentMaterialId: ids[2] },
    ]);
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

  const list = (options: object = {}) =>
    fixture.client.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL', ...options }));
  const currentId = async () =>
    (await fixture.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;
  const dataKey = () => fixture.client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
  const materialOfDecrypt = async (CiphertextBlob: Uint8Array) =>
    (await fixture.client.send(new DecryptCommand({ CiphertextBlob }))).KeyMaterialId;

  test('the id of the key material is in every response: the same until a rotation, another one after it', async () => {
    const before = await dataKey();
    const old = before.CiphertextBlob ?? new Uint8Array();
    expect(before.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    expect(await currentId()).toBe(before.KeyMaterialId);

    await rotate();
    const after = await dataKey();

    expect(after.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    expect(after.KeyMaterialId).not.toBe(before.KeyMaterialId);
    expect(await currentId()).toBe(after.KeyMaterialId);
    expect(await materialOfDecrypt(old)).toBe(before.KeyMaterialId);
    expect(await materialOfDecrypt(after.CiphertextBlob ?? new Uint8Array())).toBe(after.KeyMaterialId);
    const moved = await fixture.client.send(new ReEncryptCommand({ CiphertextBlob: old, DestinationKeyId: KeyId }));
    expect(moved).toMatchObject({
      SourceKeyMaterialId: before.KeyMaterialId,
      DestinationKeyMaterialId: after.KeyMaterialId,
    });
  });

  test('two keys share no id of key material', async () => {
    const other = await fixture.createKey();
    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId: other }));

    expect(KeyMetadata?.CurrentKeyMaterialId).not.toBe(await currentId());
  });

  test('lists the key materials with how and when each came, and which one encrypts', async () => {
    await enable(90);
    fixture.passDays(91);
    await rotate();
    const { Rotations = [] } = await list();

    const seen = Rotations.map(({ KeyMaterialState, RotationType, RotationDate }) => [
      KeyMaterialState,
      RotationType,
      RotationDate instanceof Date,
    ]);
    expect(seen).toEqual([
      ['NON_CURRENT', undefined, false],
      ['NON_CURRENT', 'AUTOMATIC', true],
      ['CURRENT', 'ON_DEMAND', true],
    ]);
    expect(Rotations.at(-1)?.KeyMaterialId).toBe(await currentId());
    expect((await list({ IncludeKeyMaterial: undefined })).Rotations).toEqual(Rotations.slice(1));
  });

  test('lists key materials in pages', async () => {
    await rotate();
    await rotate();
    const all = (await list()).Rotations;
    const first = await list({ Limit: 2 });
    const second = await list({ Limit: 2, Marker: first.NextMarker });

    expect([...(first.Rotations ?? []), ...(second.Rotations ?? [])]).toEqual(all);
    expect([first.Truncated, second.Truncated, second.NextMarker]).toEqual([true, false, undefined]);
  });

  test('an RSA key has no id of key material, and no list of rotations', async () => {
    const rsa = await fixture.createKey({ KeySpec: 'RSA_2048' });
    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId: rsa }));

    expect(KeyMetadata?.CurrentKeyMaterialId).toBeUndefined();
    await expect(list({ KeyId: rsa })).rejects.toThrowWithCode('UnsupportedOperationException');
  });
});
