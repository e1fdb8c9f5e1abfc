import { constants, generateKeyPairSync, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';
import { type GetSecretValueCommandOutput, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { PlaintextOptions } from '../../../lambda/keys/blank-plaintext';
import { createSecretRsaKey } from '../../../lambda/keys/secret-rsa';
import { rsaKeyPair } from '../../support/rsa-keys';
import { describeRsaKey } from './rsa-contract';
import { startSecretRsa, startSecrets } from './support';

describeRsaKey('secret-rsa in PEM', () => startSecretRsa('pem'));
describeRsaKey('secret-rsa in DER', () => startSecretRsa('der'));

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const soon = () => AbortSignal.timeout(10_000);
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' = 'pkcs8') => key.export({ type, format: 'pem' }).toString();
const der = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' });
const pair = rsa(2048);
const encrypt = (publicKey: KeyObject, secret: Uint8Array) => publicEncrypt({ key: publicKey, ...OAEP }, secret);

describe('secret-rsa', () => {
  let secrets: Awaited<ReturnType<typeof startSecrets>>;
  let names = 0;
  beforeAll(async () => {
    secrets = await startSecrets();
  });
  afterAll(() => secrets.remove());

  const keyOf = async (value: { SecretString?: string; SecretBinary?: Uint8Array }) => {
    const secretArn = await secrets.create(`key-${String((names += 1))}`, value);
    return { secretArn, key: createSecretRsaKey({ secretArn, client: secrets.client }) };
  };

  test.each([3072, 4096])('opens under a key of %i bits', async (bits) => {
    const { publicKey, privateKey } = rsaKeyPair(bits);
    const secret = randomBytes(32);
    const { key } = await keyOf({ SecretString: pem(privateKey) });

    expect(await key.open(encrypt(publicKey, secret), soon())).toEqual(secret);
  });

  test('is read once for all concurrent calls', async () => {
    const { secretArn, key } = await keyOf({ SecretString: pem(pair.privateKey) });
    const ciphertext = encrypt(pair.publicKey, Buffer.alloc(32, 7));
    await Promise.all([key.open(ciphertext, soon()), key.open(ciphertext, soon())]);
    await secrets.plain.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: 'no key' }));
    secrets.fail('failing');

    const opened = await key.open(ciphertext, soon());

    secrets.recover();
    expect(opened).toEqual(Buffer.alloc(32, 7));
  });

  test.each<[string, () => { SecretString?: string; SecretBinary?: Uint8Array }]>([
    ['a text', () => ({ SecretString: 'hunter2' })],
    ['bytes', () => ({ SecretBinary: randomBytes(64) })],
    ['half a key', () => ({ SecretString: pem(pair.privateKey).slice(0, 400) })],
    ['a key in base64 without its frame', () => ({ SecretString: der(pair.privateKey).toString('base64') })],
    ['a key in JSON', () => ({ SecretString: JSON.stringify({ key: pem(pair.privateKey) }) })],
    ['PKCS #1', () => ({ SecretString: pem(pair.privateKey, 'pkcs1') })],
    ['a public key', () => ({ SecretString: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() })],
    ['a key of 1024 bits', () => ({ SecretBinary: der(rsa(1024).privateKey) })],
    ['a key of 2560 bits', () => ({ SecretBinary: der(rsa(2560).privateKey) })],
    ['an elliptic key', () => ({ SecretBinary: der(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) })],
    [
      'an RSA-PSS key',
      () => ({ SecretBinary: der(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey) }),
    ],
    [
      'an encrypted key',
      () => ({
        SecretString: pair.privateKey
          .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
          .toString(),
      }),
    ],
  ])('is unavailable if the secret holds %s', async (_what, value) => {
    const { key } = await keyOf(value());

    const asked = key.open(encrypt(pair.publicKey, Buffer.alloc(32)), soon());

    await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each([
    ['a key', () => pem(pair.privateKey)],
    ['no key', () => 'hunter2'.repeat(100)],
  ])('wipes what it read of %s, and never passes it to the SDK', async (_what, value) => {
    const { key } = await keyOf({ SecretString: value() });
    const send = jest.spyOn(secrets.client, 'send');

    await key.open(encrypt(pair.publicKey, Buffer.alloc(32)), soon()).catch(() => undefined);

    const options = send.mock.calls[0]?.[1] as PlaintextOptions;
    const response = (await send.mock.results[0]?.value) as GetSecretValueCommandOutput;
    send.mockRestore();
    expect(options.slot?.plaintext).toEqual(Buffer.alloc(value().length));
    expect(response).toMatchObject({ SecretString: '', VersionStages: ['AWSCURRENT'] });
  });

  test('is unavailable while the secret has no value', async () => {
    const { secretArn, key } = await keyOf({});
    const ciphertext = encrypt(pair.publicKey, Buffer.alloc(32, 7));

    await expect(key.open(ciphertext, soon())).rejects.toThrowWithCode('KeyUnavailable');
    await secrets.plain.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: pem(pair.privateKey) }));
    expect(await key.open(ciphertext, soon())).toEqual(Buffer.alloc(32, 7));
  });

  test('refuses a client that would let a private key become a string', () => {
    expect(() => createSecretRsaKey({ secretArn: 'arn', client: secrets.plain })).toThrowWithCode('Misconfigured');
  });
});
