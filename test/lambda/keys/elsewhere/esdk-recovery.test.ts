import {
  CommitmentPolicy,
  EncryptedDataKey,
  KMS,
  KeyringNode,
  KeyringTraceFlag,
  KmsKeyringNode,
  type NodeDecryptionMaterial,
  RawRsaKeyringNode,
  buildClient,
  getClient,
} from '@aws-crypto/client-node';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RECOVERY_PROVIDER_ID } from '../../../../lambda/contract/elsewhere';
import { recoveryKeyInfo } from '../../../../lambda/contract/recovery';
import { createAwsKmsKey } from '../../../../lambda/keys/aws-kms';
import { createMultiKey } from '../../../../lambda/keys/elsewhere/multi-key';
import { createRecoveryKey } from '../../../../lambda/keys/elsewhere/recovery-key';
import { openBytes, sealBytes } from '../../../../lambda/keys/envelope';
import type { OtherKey } from '../../../../lambda/keys/provider';
import { KmsFixture } from '../../../local/emulator/services/kms/support';
import { material } from '../../../support/run';
import { runtimeClient } from '../support';
import { CONTEXT, type RecoveryPair, newRecoveryPair, soon } from './support/recovery';

/** Uses the AWS Encryption SDK for JavaScript as anyone who recovers a record without this project. */
const esdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
type Keyring = Parameters<typeof esdk.decrypt>[0];

/** A key elsewhere, of which the test holds the data keys. */
function newForeignKey(): OtherKey & { readonly dataKeys: Map<string, Buffer> } {
  const providerInfo = Buffer.from('projects/p-12345/locations/global/keyRings/ring/cryptoKeys/key');
  const dataKeys = new Map<string, Buffer>();
  const wrapDataKey: OtherKey['wrapDataKey'] = async (dataKey) => {
    const ciphertext = randomBytes(113);
    dataKeys.set(ciphertext.toString('hex'), Buffer.from(dataKey));
    return { providerId: 'gcp-kms', providerInfo, ciphertext };
  };
  const unused = () => Promise.reject(new Error('expected no call'));
  return {
    providerId: 'gcp-kms',
    keyId: providerInfo.toString(),
    wrapDataKey,
    wrapNewDataKey: unused,
    unwrapDataKey: unused,
    dataKeys,
  };
}

/** A keyring for a key that no ESDK knows: it unwraps the data key of its provider. */
class CustomKeyring extends KeyringNode {
  constructor(private readonly dataKeys: ReadonlyMap<string, Buffer>) {
    super();
  }

  _onEncrypt(): Promise<never> {
    return Promise.reject(new Error('expected no encryption'));
  }

  _onDecrypt(material: NodeDecryptionMaterial, keys: EncryptedDataKey[]): Promise<NodeDecryptionMaterial> {
    const own = keys.find(({ providerId }) => providerId === 'gcp-kms');
    const dataKey = this.dataKeys.get(Buffer.from(own?.encryptedDataKey ?? []).toString('hex'));
    if (own === undefined || dataKey === undefined) return Promise.resolve(material);
    const trace = {
      keyNamespace: own.providerId,
      keyName: own.providerInfo,
      flags: KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY,
    };
    return Promise.resolve(material.setUnencryptedDataKey(new Uint8Array(dataKey), trace));
  }
}

describe('a message under four keys', () => {
  const fixture = new KmsFixture();
  const foreign = newForeignKey();
  const secret = material(600);
  let keyArn = '';
  let recovery: readonly RecoveryPair[] = [];
  let sealed: Buffer;

  const multiKey = () =>
    createMultiKey({
      first: createAwsKmsKey({ keyArn, client: runtimeClient(fixture) }),
      others: [foreign],
      recovery: recovery.map(({ key }) => createRecoveryKey(key)),
      openWithOthers: false,
    });

  beforeAll(async () => {
    await fixture.start();
    keyArn = await fixture.createKey();
    recovery = [newRecoveryPair('safe-2026'), newRecoveryPair('safe-2027', 3072)];
    sealed = (await sealBytes(secret, CONTEXT, multiKey(), soon())).message;
  });
  afterAll(() => fixture.remove());

  const rsaKeyring = ({ key, privateKey }: RecoveryPair, keyName = recoveryKeyInfo(key)): Keyring => {
    const rsaKey = { privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
    // the ESDK creates this class in a function, so its types don't show the superclass
    return new RawRsaKeyringNode({ keyNamespace: RECOVERY_PROVIDER_ID, keyName, rsaKey, oaepHash: 'sha256' });
  };
  const pair = (place: number): RecoveryPair => recovery[place] ?? newRecoveryPair('missing');

  test.each([0, 1])('opens with the raw RSA keyring of recovery key %i only', async (place) => {
    const { plaintext, messageHeader } = await esdk.decrypt(rsaKeyring(pair(place)), sealed);

    expect(plaintext).toEqual(secret);
    expect({ ...messageHeader.encryptionContext }).toEqual(Object.fromEntries(CONTEXT));
  });

  test('opens with the KMS keyring, which passes over the other data keys', async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    const keyring: Keyring = new KmsKeyringNode({ keyIds: [keyArn], clientProvider: getClient(KMS, fixture.config) });

    expect((await esdk.decrypt(keyring, sealed)).plaintext).toEqual(secret);
  });

  test('opens with a keyring of one’s own for the key elsewhere', async () => {
    const keyring: Keyring = new CustomKeyring(foreign.dataKeys);

    expect((await esdk.decrypt(keyring, sealed)).plaintext).toEqual(secret);
  });

  test('opens in the vault with its first key', async () => {
    expect(await openBytes(sealed, CONTEXT, multiKey(), soon())).toEqual(secret);
  });

  test('does not open with another private key under the name of a recovery key', async () => {
    const other = newRecoveryPair('safe-2026');

    await expect(esdk.decrypt(rsaKeyring(other, recoveryKeyInfo(pair(0).key)), sealed)).rejects.toThrow();
  });

  test('does not open with a recovery key under another name', async () => {
    await expect(esdk.decrypt(rsaKeyring(pair(0), 'safe-2026'), sealed)).rejects.toThrow();
  });

  test('is at most 2.3 KB long for a material of 600 bytes', () => {
    expect(sealed.length).toBeLessThanOrEqual(2_300);
  });
});
