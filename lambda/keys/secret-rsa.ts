import { createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { RSA_MODULUS_BITS } from '../contract/limits';
import { OAEP } from '../contract/encrypt';
import { kmsFailure } from './aws-kms-errors';
import type { PlaintextOptions, PlaintextSlot } from './blank-plaintext';
import type { RsaKey } from './provider';
import { requireBlankingSecrets, sharedSecretsClient } from './secrets-client';

const MODULUS_BITS: ReadonlySet<number | undefined> = new Set(RSA_MODULUS_BITS);
/** PKCS #8 in PEM, unencrypted (RFC 7468, section 10): other labels are other formats, which Node would take too. */
const PEM_LABEL = 'PRIVATE KEY';
const PEM_BEGIN = Buffer.from(`-----BEGIN ${PEM_LABEL}-----`);

export interface SecretRsaKeyOptions {
  /** of a secret whose value is a private key in PKCS #8: `SecretBinary` in DER, or `SecretString` in PEM */
  readonly secretArn: string;
  /** of `createSecretsClient`; by default the process's own */
  readonly client?: SecretsManagerClient;
}

/**
 * An RSA private key that existed before the vault, stored in Secrets Manager. It is read once and then held as a key
 * object, so only new processes see a new value of the secret; a new key needs a `kid` of its own. Throws as `RsaKey`;
 * `KeyUnavailable` if the value is no RSA key of 2048, 3072 or 4096 bits in PKCS #8.
 */
export function createSecretRsaKey({ secretArn, client }: SecretRsaKeyOptions): RsaKey {
  const secrets = requireBlankingSecrets(client ?? sharedSecretsClient());
  let loading: Promise<KeyObject> | undefined;
  const load = (signal: AbortSignal): Promise<KeyObject> =>
    (loading ??= loadKey(secrets, secretArn, signal).catch((error: unknown) => {
      // the next call tries again
      loading = undefined;
      throw kmsFailure(error, signal, 'TransportRejected', 'secrets manager');
    }));
  return { open: async (ciphertext, signal) => decrypt(await load(signal), ciphertext) };
}

async function loadKey(secrets: SecretsManagerClient, SecretId: string, abortSignal: AbortSignal): Promise<KeyObject> {
  const slot: PlaintextSlot = {};
  try {
    const options: PlaintextOptions = { abortSignal, slot };
    await secrets.send(new GetSecretValueCommand({ SecretId }), options);
    return readKey(slot.plaintext ?? Buffer.alloc(0));
  } finally {
    wipe(slot.plaintext);
  }
}

function readKey(key: Buffer): KeyObject {
  const format = key.subarray(0, PEM_BEGIN.length).equals(PEM_BEGIN) ? 'pem' : 'der';
  const read = parseKey(key, format);
  const bits = read?.asymmetricKeyType === 'rsa' ? read.asymmetricKeyDetails?.modulusLength : undefined;
  if (read !== undefined && MODULUS_BITS.has(bits)) return read;
  const expected = 'a private RSA key of 2048, 3072 or 4096 bits in PKCS #8';
  throw new VaultError('KeyUnavailable', `expected ${expected} as the secret's value, got something else`);
}

/** Returns `undefined` for any other value; the parser's error would not help. */
function parseKey(key: Buffer, format: 'pem' | 'der'): KeyObject | undefined {
  try {
    return createPrivateKey({ key, format, type: 'pkcs8' });
  } catch {
    return undefined;
  }
}

function decrypt(key: KeyObject, ciphertext: Uint8Array): Buffer {
  try {
    // OpenSSL takes a shorter one for the number that it is; KMS refuses it, and so does this
    if (ciphertext.length !== modulusBytes(key)) throw new RangeError('expected as many bytes as the modulus has');
    return privateDecrypt({ key, ...OAEP }, ciphertext);
  } catch (cause) {
    throw new VaultError('TransportRejected', 'expected a ciphertext of the key, got another', { cause });
  }
}

function modulusBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}
