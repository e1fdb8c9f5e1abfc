import { randomFillSync } from 'node:crypto';
import * as v from 'valibot';
import { wipe } from '../../wipe';
import { blob, readInput } from '../shape';
import { kmsErrors } from './errors';
import { type Algorithm, type Key, algorithmsOf, isRsa, requireState } from './key';
import { currentMaterialIdOf, materialIdOf } from './material';
import { ALGORITHM, CIPHERTEXT, CONTEXT, ENCRYPT_BYTES, GRANT_TOKENS, KEY_ID, type Operations } from './operation';
import { rotateWhenDue } from './rotation';
import { decryptRsa, encryptRsa } from './rsa';
import type { KeyStore } from './store';
import { type EncryptionContext, decryptSymmetric, encryptSymmetric, keyIdOf, materialNumberOf } from './symmetric';

const GENERATE = v.strictObject({
  KeyId: KEY_ID,
  EncryptionContext: CONTEXT,
  KeySpec: v.optional(v.picklist(['AES_256', 'AES_128'])),
  NumberOfBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_024))),
  GrantTokens: GRANT_TOKENS,
});
const ENCRYPT = v.strictObject({
  KeyId: KEY_ID,
  Plaintext: blob(1, ENCRYPT_BYTES),
  EncryptionContext: CONTEXT,
  EncryptionAlgorithm: ALGORITHM,
  GrantTokens: GRANT_TOKENS,
});
const DECRYPT = v.strictObject({
  KeyId: v.optional(KEY_ID),
  CiphertextBlob: CIPHERTEXT,
  EncryptionContext: CONTEXT,
  EncryptionAlgorithm: ALGORITHM,
  GrantTokens: GRANT_TOKENS,
});
const RE_ENCRYPT = v.strictObject({
  CiphertextBlob: CIPHERTEXT,
  SourceKeyId: v.optional(KEY_ID),
  SourceEncryptionContext: CONTEXT,
  SourceEncryptionAlgorithm: ALGORITHM,
  DestinationKeyId: KEY_ID,
  DestinationEncryptionContext: CONTEXT,
  DestinationEncryptionAlgorithm: ALGORITHM,
  GrantTokens: GRANT_TOKENS,
});

/** Cryptographic operations. */
export const dataOperations: Operations = {
  GenerateDataKey(input, store) {
    const { KeyId, EncryptionContext, KeySpec, NumberOfBytes } = readInput(GENERATE, input);
    if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
      throw kmsErrors.validation('Please specify either number of bytes or key spec.');
    }
    const key = requireUsable(store, store.find(KeyId), 'SYMMETRIC_DEFAULT');
    const plaintext = Buffer.allocUnsafeSlow(NumberOfBytes ?? (KeySpec === 'AES_256' ? 32 : 16));
    randomFillSync(plaintext);
    return {
      KeyId: key.arn,
      Plaintext: plaintext,
      CiphertextBlob: encryptSymmetric(key, plaintext, EncryptionContext),
      KeyMaterialId: currentMaterialIdOf(key),
    };
  },

  Encrypt(input, store) {
    const { KeyId, Plaintext, EncryptionContext, EncryptionAlgorithm } = readInput(ENCRYPT, input);
    try {
      const key = store.find(KeyId);
      const CiphertextBlob = encrypt(store, key, Plaintext, EncryptionContext, EncryptionAlgorithm);
      return { KeyId: key.arn, CiphertextBlob, EncryptionAlgorithm };
    } finally {
      wipe(Plaintext);
    }
  },

  Decrypt(input, store) {
    const { KeyId, CiphertextBlob, EncryptionContext, EncryptionAlgorithm } = readInput(DECRYPT, input);
    const key = keyFor(store, CiphertextBlob, KeyId, EncryptionAlgorithm);
    const Plaintext = decrypt(store, key, CiphertextBlob, EncryptionContext, EncryptionAlgorithm);
    return { KeyId: key.arn, Plaintext, EncryptionAlgorithm, KeyMaterialId: materialIdFrom(key, CiphertextBlob) };
  },

  ReEncrypt(input, store) {
    const request = readInput(RE_ENCRYPT, input);
    const { SourceEncryptionAlgorithm: from, DestinationEncryptionAlgorithm: to } = request;
    const source = keyFor(store, request.CiphertextBlob, request.SourceKeyId, from);
    const destination = requireUsable(store, store.find(request.DestinationKeyId), to);
    const plaintext = decrypt(store, source, request.CiphertextBlob, request.SourceEncryptionContext, from);
    try {
      return {
        CiphertextBlob: encrypt(store, destination, plaintext, request.DestinationEncryptionContext, to),
        SourceKeyId: source.arn,
        KeyId: destination.arn,
        SourceEncryptionAlgorithm: from,
        DestinationEncryptionAlgorithm: to,
        SourceKeyMaterialId: materialIdFrom(source, request.CiphertextBlob),
        DestinationKeyMaterialId: currentMaterialIdOf(destination),
      };
    } finally {
      wipe(plaintext);
    }
  },
};

function encrypt(
  store: KeyStore,
  key: Key,
  plaintext: Buffer,
  context: EncryptionContext,
  algorithm: Algorithm,
): Buffer {
  requireUsable(store, key, algorithm);
  if (!isRsa(key.spec)) return encryptSymmetric(key, plaintext, context);
  refuseContext(context);
  return encryptRsa(key, plaintext, algorithm);
}

function decrypt(
  store: KeyStore,
  key: Key,
  ciphertext: Buffer,
  context: EncryptionContext,
  algorithm: Algorithm,
): Buffer {
  requireUsable(store, key, algorithm);
  if (!isRsa(key.spec)) return decryptSymmetric(key, ciphertext, context);
  refuseContext(context);
  return decryptRsa(key, ciphertext, algorithm);
}

/** Returns the key for a ciphertext: named by the caller, by the ciphertext, or by both. Throws if the two differ. */
function keyFor(store: KeyStore, ciphertext: Buffer, keyId: string | undefined, algorithm: Algorithm): Key {
  const asked = keyId === undefined ? undefined : store.find(keyId);
  if (algorithm !== 'SYMMETRIC_DEFAULT') {
    if (asked === undefined) throw kmsErrors.validation('a KeyId is required with an asymmetric key');
    return asked;
  }
  if (asked !== undefined && isRsa(asked.spec)) return asked;
  const named = keyIdOf(ciphertext);
  const key = named === undefined ? undefined : store.byId(named);
  if (key === undefined) throw kmsErrors.invalidCiphertext();
  if (asked !== undefined && asked !== key) throw kmsErrors.incorrectKey();
  return key;
}

/** Returns the id of the material that a ciphertext names; undefined for an RSA key. */
function materialIdFrom(key: Key, ciphertext: Buffer): string | undefined {
  return isRsa(key.spec) ? undefined : materialIdOf(key, materialNumberOf(ciphertext));
}

function requireUsable(store: KeyStore, key: Key, algorithm: Algorithm): Key {
  requireState(key, store.now());
  if (!algorithmsOf(key.spec).includes(algorithm)) {
    throw kmsErrors.invalidKeyUsage(`Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
  }
  rotateWhenDue(store, key);
  return key;
}

function refuseContext(context: EncryptionContext): void {
  if (Object.keys(context).length > 0) {
    throw kmsErrors.validation('EncryptionContext is not supported with asymmetric keys.');
  }
}
