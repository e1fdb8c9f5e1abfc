import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DisableKeyCommand, EnableKeyCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { createAwsKmsRsaKey } from '../../../lambda/keys/aws-kms-rsa';
import type { RsaKey } from '../../../lambda/keys/provider';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { describeRsaKey } from './rsa-contract';
import { runtimeClient, startAltered, startAwsKmsRsa } from './support';

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const soon = () => AbortSignal.timeout(10_000);

describeRsaKey('aws-kms-rsa', startAwsKmsRsa);

describe('aws-kms-rsa', () => {
  const fixture = new KmsFixture();
  let keyArn = '';
  let key: RsaKey = { open: () => Promise.reject(new Error('not open yet')) };

  beforeAll(async () => {
    await fixture.start();
    keyArn = await fixture.createKey({ KeySpec: 'RSA_2048' });
    key = createAwsKmsRsaKey({ keyArn, client: runtimeClient(fixture) });
  });
  afterAll(() => fixture.remove());

  const encrypt = async (secret: Uint8Array) => {
    const { PublicKey } = await fixture.client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    return publicEncrypt({ key: publicKey, ...OAEP }, secret);
  };

  test('opens what was encrypted to its public key, in one call by its ARN', async () => {
    const secret = randomBytes(32);
    const ciphertext = await encrypt(secret);
    fixture.kms.calls.length = 0;

    const opened = await key.open(ciphertext, soon());

    expect(opened).toEqual(secret);
    expect(opened.buffer.byteLength).toBe(32);
    expect(fixture.kms.calls).toMatchObject([{ operation: 'Decrypt', keyId: keyArn, result: 'ok' }]);
  });

  test('rejects the response of another key', async () => {
    const endpoint = await startAltered(fixture, (response) => ({ ...response, KeyId: `${keyArn}0` }));
    const altered = createAwsKmsRsaKey({ keyArn, client: runtimeClient(fixture, { endpoint }) });

    await expect(altered.open(await encrypt(Buffer.alloc(32)), soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('is unavailable while it is disabled', async () => {
    const ciphertext = await encrypt(Buffer.alloc(32));
    await fixture.client.send(new DisableKeyCommand({ KeyId: keyArn }));

    await expect(key.open(ciphertext, soon())).rejects.toThrowWithCode('KeyUnavailable');
    await fixture.client.send(new EnableKeyCommand({ KeyId: keyArn }));
    expect(await key.open(ciphertext, soon())).toHaveLength(32);
  });

  test('is unavailable if the key is not an RSA key', async () => {
    const symmetric = await fixture.createKey();
    const wrong = createAwsKmsRsaKey({ keyArn: symmetric, client: runtimeClient(fixture) });

    await expect(wrong.open(Buffer.alloc(256), soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('refuses an alias, and a client that would let content keys become strings', () => {
    const alias = 'arn:aws:kms:us-east-1:111122223333:alias/intake';

    expect(() => createAwsKmsRsaKey({ keyArn: alias, client: runtimeClient(fixture) })).toThrowWithCode(
      'Misconfigured',
    );
    expect(() => createAwsKmsRsaKey({ keyArn, client: fixture.newClient() })).toThrowWithCode('Misconfigured');
  });
});
