import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  KMS,
  KmsKeyringNode,
  buildClient,
  getClient,
} from '@aws-crypto/client-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { type EncryptionContext, openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { material } from '../../support/run';
import { runtimeClient } from './support';

/** Uses the AWS Encryption SDK for JavaScript with its KMS keyring, as any caller with permission on the share key can. */
const esdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
type Keyring = Parameters<typeof esdk.decrypt>[0];
const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
const CONTEXT: EncryptionContext = new Map([
  ['environment', 'dev'],
  ['record', '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e'],
  ['field', 'delegated_share'],
  ['chain', 'EVM'],
  ['owner', 'zürich €'],
]);
const soon = () => AbortSignal.timeout(10_000);

describe('messages under a KMS key, between the vault and the AWS Encryption SDK', () => {
  const fixture = new KmsFixture();
  const secret = material(600);
  let [keyArn, otherArn] = ['', ''];
  let key: KeyProvider;

  beforeAll(async () => {
    await fixture.start();
    keyArn = await fixture.createKey();
    otherArn = await fixture.createKey();
    key = createAwsKmsKey({ keyArn, client: runtimeClient(fixture) });
  });
  afterAll(() => fixture.remove());

  const keyring = (generatorKeyId: string, ...keyIds: string[]): Keyring =>
    // the ESDK creates this class in a function, so its types don't show the superclass
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    new KmsKeyringNode({ generatorKeyId, keyIds, clientProvider: getClient(KMS, fixture.config) });
  const seal = async () => {
    const { plaintext: dataKey, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    return writeMessage({ plaintext: secret, dataKey, wrapped, context: CONTEXT });
  };
  const open = async (sealed: Uint8Array) => {
    const message = parseMessage(sealed);
    return openMessage(message, await key.unwrapDataKey(message.dataKeys, CONTEXT, soon()), CONTEXT);
  };
  const esdkSeal = async (ring: Keyring) => {
    const { result } = await esdk.encrypt(ring, secret, { suiteId, encryptionContext: Object.fromEntries(CONTEXT) });
    return result;
  };

  test('the ESDK opens what the vault sealed', async () => {
    const { plaintext, messageHeader } = await esdk.decrypt(keyring(keyArn), await seal());

    expect(plaintext).toEqual(secret);
    expect({ ...messageHeader.encryptionContext }).toEqual(Object.fromEntries(CONTEXT));
    expect(messageHeader.suiteId).toBe(suiteId);
  });

  test('the ESDK does not open it under another key', async () => {
    await expect(esdk.decrypt(keyring(otherArn), await seal())).rejects.toThrow();
  });

  test('the vault opens what the ESDK sealed', async () => {
    expect(await open(await esdkSeal(keyring(keyArn)))).toEqual(secret);
  });

  test('the vault opens what the ESDK sealed under several keys, by its own', async () => {
    expect(await open(await esdkSeal(keyring(otherArn, keyArn)))).toEqual(secret);
  });

  test('the vault does not open what the ESDK sealed under another key', async () => {
    await expect(open(await esdkSeal(keyring(otherArn)))).rejects.toThrowWithCode('KeyUnavailable');
  });
});
