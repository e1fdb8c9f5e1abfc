import { type KeyObject, createDecipheriv, createPrivateKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { wipe } from '../../wipe';
import { blob, readInput, seconds } from '../shape';
import { kmsErrors } from './errors';
import { type Key, RSA_SPECS, isRsa, requireState } from './key';
import { KEY_ID, type Operations } from './operation';
import { modulusBits, openOaep } from './rsa';
import type { KeyStore } from './store';

const TOKEN_MS = 24 * 3_600_000;
/** The alternative initial value of AES key wrap with padding (RFC 5649). */
const KEY_WRAP_IV = Buffer.from('a65959a6', 'hex');

const WRAPPING = ['RSAES_OAEP_SHA_256', 'RSA_AES_KEY_WRAP_SHA_256'] as const;
const PARAMETERS = v.strictObject({
  KeyId: KEY_ID,
  WrappingAlgorithm: v.picklist(WRAPPING),
  WrappingKeySpec: v.picklist(RSA_SPECS),
});
const IMPORT = v.strictObject({
  KeyId: KEY_ID,
  ImportToken: blob(1, 6_144),
  EncryptedKeyMaterial: blob(1, 6_144),
  ValidTo: v.optional(v.number()),
  ExpirationModel: v.optional(
    v.picklist(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']),
    'KEY_MATERIAL_EXPIRES',
  ),
});

interface Wrapping {
  readonly keyId: string;
  readonly algorithm: (typeof WRAPPING)[number];
  readonly privateKey: KeyObject;
  readonly validTo: Date;
}

/** Operations on imported key material. Wrapping keys live only in memory: a restart ends every unfinished import. */
export function importOperations(): Operations {
  const wrappings = new Map<string, Wrapping>();
  return {
    async GetParametersForImport(input, store) {
      const { KeyId, WrappingAlgorithm, WrappingKeySpec } = readInput(PARAMETERS, input);
      const key = findImportable(store, KeyId);
      const modulusLength = modulusBits(WrappingKeySpec);
      const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
      const token = randomBytes(32);
      const validTo = new Date(store.now().getTime() + TOKEN_MS);
      wrappings.set(token.toString('hex'), { keyId: key.id, algorithm: WrappingAlgorithm, privateKey, validTo });
      return {
        KeyId: key.arn,
        ImportToken: token,
        PublicKey: publicKey.export({ type: 'spki', format: 'der' }),
        ParametersValidTo: seconds(validTo),
      };
    },

    ImportKeyMaterial(input, store) {
      const request = readInput(IMPORT, input);
      const key = findImportable(store, request.KeyId);
      const expiresAt = expiry(request, store.now());
      const wrapping = wrappings.get(request.ImportToken.toString('hex'));
      if (wrapping?.keyId !== key.id) throw kmsErrors.invalidImportToken();
      if (wrapping.validTo <= store.now()) throw kmsErrors.expiredImportToken();
      const bytes = unwrap(wrapping, request.EncryptedKeyMaterial);
      try {
        requireMaterialSize(key, bytes);
        storeMaterial(key, bytes, expiresAt, store.now());
      } catch (error) {
        wipe(bytes);
        throw error;
      }
      store.save(key);
      return { KeyId: key.arn };
    },
  };
}

function findImportable(store: KeyStore, keyId: string): Key {
  const key = store.find(keyId);
  if (key.origin !== 'EXTERNAL') {
    throw kmsErrors.unsupported(`${key.arn} origin is ${key.origin} which is not valid for this operation.`);
  }
  requireState(key, store.now(), 'Disabled', 'PendingImport');
  return key;
}

function expiry({ ExpirationModel, ValidTo }: v.InferOutput<typeof IMPORT>, now: Date): Date | undefined {
  const expires = ExpirationModel === 'KEY_MATERIAL_EXPIRES';
  if (expires !== (ValidTo !== undefined)) {
    throw kmsErrors.validation(
      'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES, and only then.',
    );
  }
  const at = ValidTo === undefined ? undefined : new Date(ValidTo * 1000);
  if (at !== undefined && at <= now) throw kmsErrors.validation('validTo must be in the future');
  return at;
}

function unwrap({ algorithm, privateKey }: Wrapping, wrapped: Buffer): Buffer {
  if (algorithm === 'RSAES_OAEP_SHA_256') return openOaep(privateKey, wrapped, 'sha256');
  // an AES key wrapped with RSA, then the material wrapped with that AES key
  const split = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const wrappingKey = openOaep(privateKey, wrapped.subarray(0, split), 'sha256');
  try {
    const decipher = createDecipheriv('id-aes256-wrap-pad', wrappingKey, KEY_WRAP_IV);
    const opened = [decipher.update(wrapped.subarray(split)), decipher.final()];
    const bytes = Buffer.concat(opened);
    wipe(...opened);
    return bytes;
  } catch {
    throw kmsErrors.invalidCiphertext();
  } finally {
    wipe(wrappingKey);
  }
}

function requireMaterialSize(key: Key, bytes: Buffer): void {
  const fits = isRsa(key.spec) ? rsaBits(bytes) === modulusBits(key.spec) : bytes.length === 32;
  if (!fits) throw kmsErrors.incorrectKeyMaterial(`expected key material of a ${key.spec} key, got other bytes`);
}

function rsaBits(pkcs8: Buffer): number | undefined {
  try {
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    return key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch {
    return undefined;
  }
}

/** Stores imported material. A key takes only one material: importing it again can only change its expiry. */
function storeMaterial(key: Key, bytes: Buffer, expiresAt: Date | undefined, now: Date): void {
  const [known] = key.materials;
  if (known !== undefined && !known.bytes.equals(bytes)) {
    throw kmsErrors.incorrectKeyMaterial('expected the key material that was imported before, got another');
  }
  if (known === undefined) key.materials.push({ createdAt: now, bytes });
  key.materialExpiresAt = expiresAt;
}
