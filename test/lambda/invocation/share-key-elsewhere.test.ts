import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createShareKey } from '../../../lambda/invocation/share-key-elsewhere';
import { shareKeyIds } from '../../../lambda/invocation/share-key-ids-elsewhere';
import { openBytes, sealBytes } from '../../../lambda/keys/envelope';
import { parseMessage } from '../../../lambda/message';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { rsaKeyPair } from '../../support/rsa-keys';
import { material } from '../../support/run';
import { useEndpoint } from '../../support/use-endpoint';
import { AZURE, AZURE_HSM, GOOGLE, VAULT_BY_JWT, VAULT_BY_SIGNATURE } from '../keys/elsewhere/support/descriptions';
import { CONTEXT, soon } from '../keys/elsewhere/support/recovery';

const spkiOf = (bits: number) => rsaKeyPair(bits).publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const before = { ...process.env };

describe('the share key of a vault with keys elsewhere', () => {
  const fixture = new KmsFixture();
  let keyArn = '';
  beforeAll(async () => {
    await fixture.start();
    keyArn = await fixture.createKey();
  });
  afterAll(() => fixture.remove());
  beforeEach(() => {
    useEndpoint({ url: fixture.config.endpoint, region: fixture.config.region });
    process.env.SHARE_VAULT_SHARE_KEY_ARN = keyArn;
  });
  afterEach(() => {
    process.env = { ...before };
  });

  test('is the key in AWS KMS, if there is no other', async () => {
    const key = createShareKey();
    const { message: sealed } = await sealBytes(material(60), CONTEXT, key, soon());

    expect([key.providerId, key.keyId]).toEqual(['aws-kms', keyArn]);
    expect(parseMessage(sealed).dataKeys).toHaveLength(1);
    expect(shareKeyIds()).toEqual([keyArn]);
  });

  test('wraps to each recovery key, and opens without them', async () => {
    const secret = material(60);
    process.env.SHARE_VAULT_RECOVERY_KEYS = JSON.stringify({ one: spkiOf(2048), two: spkiOf(3072) });
    const { message: sealed } = await sealBytes(secret, CONTEXT, createShareKey(), soon());
    delete process.env.SHARE_VAULT_RECOVERY_KEYS;

    const keys = parseMessage(sealed).dataKeys;

    expect(keys.map(({ providerId }) => providerId)).toEqual([
      'aws-kms',
      'share-vault-recovery',
      'share-vault-recovery',
    ]);
    expect(await openBytes(sealed, CONTEXT, createShareKey(), soon())).toEqual(secret);
  });

  test('has no ids of other keys, which wrap and do not open', () => {
    process.env.SHARE_VAULT_OTHER_KEYS = JSON.stringify([GOOGLE, VAULT_BY_JWT]);

    expect(shareKeyIds()).toEqual([keyArn]);
  });

  test('has the ids of other keys if the vault opens with them', () => {
    process.env.SHARE_VAULT_OTHER_KEYS = JSON.stringify([GOOGLE, VAULT_BY_JWT]);
    process.env.SHARE_VAULT_OPEN_WITH_OTHER_KEYS = 'true';

    expect(shareKeyIds()).toEqual([keyArn, GOOGLE.key, 'https://vault.example:8200/v1/transit/keys/share']);
  });

  test('has only the id of the first key outside AWS if there is none in AWS KMS', () => {
    delete process.env.SHARE_VAULT_SHARE_KEY_ARN;
    process.env.SHARE_VAULT_OTHER_KEYS = JSON.stringify([GOOGLE, VAULT_BY_JWT]);

    expect(shareKeyIds()).toEqual([GOOGLE.key]);
  });

  test('opens what a retiring key in AWS KMS sealed', async () => {
    const secret = material(60);
    const { message: sealed } = await sealBytes(secret, CONTEXT, createShareKey(), soon());
    process.env.SHARE_VAULT_SHARE_KEY_ARN = await fixture.createKey();
    process.env.SHARE_VAULT_RECOVERY_KEYS = JSON.stringify({ one: spkiOf(2048) });

    const opened = openBytes(sealed, CONTEXT, createShareKey(), soon());
    await expect(opened).rejects.toThrowWithCode('KeyUnavailable');
    process.env.SHARE_VAULT_OPENING_KEY_ARNS = JSON.stringify([keyArn]);

    expect(await openBytes(sealed, CONTEXT, createShareKey(), soon())).toEqual(secret);
  });

  test('has the ids of keys that only open, each key once', () => {
    process.env.SHARE_VAULT_OTHER_KEYS = JSON.stringify([GOOGLE]);
    process.env.SHARE_VAULT_OPENING_KEYS = JSON.stringify([GOOGLE, VAULT_BY_JWT]);

    expect(shareKeyIds()).toEqual([keyArn, GOOGLE.key, 'https://vault.example:8200/v1/transit/keys/share']);
  });

  test.each([GOOGLE, AZURE, AZURE_HSM, VAULT_BY_JWT, VAULT_BY_SIGNATURE])(
    'can be a key elsewhere only, with the id that the migration expects',
    (description) => {
      delete process.env.SHARE_VAULT_SHARE_KEY_ARN;
      process.env.SHARE_VAULT_OTHER_KEYS = JSON.stringify([description]);

      const key = createShareKey();

      expect(key.providerId).toBe(description.type);
      expect(shareKeyIds()).toEqual([key.keyId]);
    },
  );

  test('is refused without any key', () => {
    delete process.env.SHARE_VAULT_SHARE_KEY_ARN;

    expect(createShareKey).toThrowWithCode('Misconfigured');
    expect(shareKeyIds).toThrowWithCode('Misconfigured');
  });
});
