import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { KmsFixture } from './support';

const fixture = new KmsFixture();
let KeyId = '';
beforeAll(async () => {
  await fixture.start();
  KeyId = await fixture.createKey();
});
afterAll(() => fixture.remove());

describe('a dry run of the local KMS', () => {
  test('that would succeed ends in DryRunOperationException, and returns nothing', async () => {
    const generate = new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', DryRun: true });

    await expect(fixture.client.send(generate)).rejects.toMatchObject({ name: 'DryRunOperationException' });
  });

  test('that would fail ends in the same error as the call', async () => {
    const open = new DecryptCommand({ KeyId, CiphertextBlob: Buffer.alloc(184, 1), DryRun: true });

    await expect(fixture.client.send(open)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  test('that is not asked for is a call like any other', async () => {
    const encrypt = new EncryptCommand({ KeyId, Plaintext: Buffer.from('a'), DryRun: false });

    expect((await fixture.client.send(encrypt)).CiphertextBlob).toBeDefined();
  });
});
