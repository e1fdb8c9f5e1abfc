import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  ListKeysCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { KmsFixture } from './support';

const OAEP = 'RSAES_OAEP_SHA_256';
const fixture = new KmsFixture();
let whole: Uint8Array = new Uint8Array();
let working = '';

beforeAll(async () => {
  await fixture.start();
  working = await fixture.createKey();
  const response = await fixture.client.send(new EncryptCommand({ KeyId: working, Plaintext: Buffer.from('x') }));
  whole = response.CiphertextBlob ?? whole;
});
afterAll(() => fixture.remove());

/** Actions that bring a key into a state. */
const STATES = {
  Disabled: (KeyId: string) => fixture.client.send(new DisableKeyCommand({ KeyId })),
  PendingDeletion: (KeyId: string) => fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId })),
};

const USES = {
  GenerateDataKey: (KeyId: string) => fixture.client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
  Encrypt: (KeyId: string) => fixture.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })),
  Decrypt: (KeyId: string, own: Uint8Array) => fixture.client.send(new DecryptCommand({ KeyId, CiphertextBlob: own })),
  'Decrypt without a key id': (_id: string, own: Uint8Array) =>
    fixture.client.send(new DecryptCommand({ CiphertextBlob: own })),
  'ReEncrypt from': (_id: string, own: Uint8Array) =>
    fixture.client.send(new ReEncryptCommand({ CiphertextBlob: own, DestinationKeyId: working })),
  'ReEncrypt to': (DestinationKeyId: string) =>
    fixture.client.send(new ReEncryptCommand({ CiphertextBlob: whole, DestinationKeyId })),
  EnableKeyRotation: (KeyId: string) => fixture.client.send(new EnableKeyRotationCommand({ KeyId })),
  RotateKeyOnDemand: (KeyId: string) => fixture.client.send(new RotateKeyOnDemandCommand({ KeyId })),
};

const REFUSALS = [
  ['Disabled', 'DisabledException'],
  ['PendingDeletion', 'KMSInvalidStateException'],
] as const;

describe('key states of the local KMS', () => {
  test.each(
    REFUSALS.flatMap(([state, code]) =>
      (Object.keys(USES) as (keyof typeof USES)[]).map((use) => [use, state, code] as const),
    ),
  )('refuses %s of a key that is %s', async (use, state, code) => {
    const key = await fixture.createKey();
    const { CiphertextBlob: own = new Uint8Array() } = await fixture.client.send(
      new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') }),
    );
    await USES[use](key, own);
    await STATES[state](key);

    await expect(USES[use](key, own)).rejects.toThrowWithCode(code);
  });

  test.each(REFUSALS)('refuses the public key and decryption of an RSA key that is %s', async (state, code) => {
    const KeyId = await fixture.createKey({ KeySpec: 'RSA_2048' });
    await STATES[state](KeyId);

    const publicKey = fixture.client.send(new GetPublicKeyCommand({ KeyId }));
    const opened = fixture.client.send(
      new DecryptCommand({ KeyId, CiphertextBlob: Buffer.alloc(256), EncryptionAlgorithm: OAEP }),
    );

    await expect(publicKey).rejects.toThrowWithCode(code);
    await expect(opened).rejects.toThrowWithCode(code);
  });

  test('uses a key again once it is enabled', async () => {
    const KeyId = await fixture.createKey();
    const { CiphertextBlob = new Uint8Array() } = await USES.Encrypt(KeyId);

    await fixture.client.send(new DisableKeyCommand({ KeyId }));
    await fixture.client.send(new EnableKeyCommand({ KeyId }));

    const { Plaintext } = await USES.Decrypt(KeyId, CiphertextBlob);
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('x');
  });

  test('a cancelled deletion leaves the key disabled', async () => {
    const KeyId = await fixture.createKey();
    const scheduled = await fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));

    await fixture.client.send(new CancelKeyDeletionCommand({ KeyId }));

    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId }));
    expect(scheduled).toMatchObject({ KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(KeyMetadata?.DeletionDate).toBeUndefined();
  });

  test('a key whose waiting period is over is gone', async () => {
    await using later = await new KmsFixture().start();
    const KeyId = await later.createKey();
    const sealed = await later.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
    await later.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));

    later.passDays(6.9);
    const before = await later.client.send(new DescribeKeyCommand({ KeyId }));
    later.passDays(0.2);
    const after = later.client.send(new DescribeKeyCommand({ KeyId }));
    const opened = later.client.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }));

    expect(before.KeyMetadata?.KeyState).toBe('PendingDeletion');
    await expect(after).rejects.toThrowWithCode('NotFoundException');
    await expect(opened).rejects.toThrowWithCode('InvalidCiphertextException');
  });

  test.each([6, 31])('refuses to wait %i days with a deletion', async (PendingWindowInDays) => {
    const asked = fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId: working, PendingWindowInDays }));

    await expect(asked).rejects.toThrowWithCode('ValidationException');
  });

  test.each([
    ['enable', EnableKeyCommand],
    ['disable', DisableKeyCommand],
    ['delete', ScheduleKeyDeletionCommand],
  ])('refuses to %s a key that is pending deletion', async (_what, command) => {
    const KeyId = await fixture.createKey();
    await STATES.PendingDeletion(KeyId);

    await expect(fixture.client.send(new command({ KeyId }))).rejects.toThrowWithCode('KMSInvalidStateException');
  });

  test('refuses to cancel a deletion that no one asked for', async () => {
    const asked = fixture.client.send(new CancelKeyDeletionCommand({ KeyId: working }));

    await expect(asked).rejects.toThrowWithCode('KMSInvalidStateException');
  });

  test.each<[string, CreateKeyCommandInput]>([
    ['for signing', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }],
    ['on a curve', { KeySpec: 'ECC_NIST_P256' }],
    ['with a policy, which it would not enforce', { Policy: '{}' }],
    ['in several regions', { MultiRegion: true }],
  ])('refuses to make a key %s', async (_what, input) => {
    await expect(fixture.client.send(new CreateKeyCommand(input))).rejects.toThrowWithCode('ValidationException');
  });

  test('lists its keys page by page', async () => {
    const first = await fixture.client.send(new ListKeysCommand({ Limit: 2 }));
    const rest = await fixture.client.send(new ListKeysCommand({ Limit: 1_000, Marker: first.NextMarker }));
    const all = await fixture.client.send(new ListKeysCommand({ Limit: 1_000 }));

    expect(first.Keys).toHaveLength(2);
    expect(first.Truncated).toBe(true);
    expect([...(first.Keys ?? []), ...(rest.Keys ?? [])]).toEqual(all.Keys);
    expect(all.Keys?.map(({ KeyArn }) => KeyArn)).toContain(working);
  });
});
