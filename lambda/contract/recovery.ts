import { type KeyObject, createHash, createPublicKey } from 'node:crypto';
import { ELSEWHERE_PATTERNS, RECOVERY_KEY_BITS } from './elsewhere';

/**
 * Recovery keys: public RSA keys, of which the vault has no private half. Both sides read them here: the constructs at
 * synth, the functions at start.
 */

export interface RecoveryPublicKey {
  readonly name: string;
  readonly publicKey: KeyObject;
  /** base64url of the SHA-256 of the key's SubjectPublicKeyInfo */
  readonly fingerprint: string;
}

/** Every tool makes keys with this exponent, and some readers accept no other. */
const EXPONENT = 65_537n;
const EXPECTED = `expected a public RSA key of ${RECOVERY_KEY_BITS.min} to ${RECOVERY_KEY_BITS.max} bits with exponent ${EXPONENT.toString()}`;

/**
 * Reads a public key, DER of a SubjectPublicKeyInfo. Throws `TypeError` for a malformed name, and for anything but an RSA
 * key of the lengths of `RECOVERY_KEY_BITS`; the message never quotes a value.
 */
export function readRecoveryKey(name: string, spki: Uint8Array): RecoveryPublicKey {
  if (!ELSEWHERE_PATTERNS.recoveryName.test(name)) {
    throw new TypeError(
      'expected 1 to 64 letters, digits, hyphens, dots and underscores as a name, got something else',
    );
  }
  const publicKey = publicKeyOf(spki);
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = publicKey;
  if (type !== 'rsa') throw new TypeError(`${EXPECTED}, got one of type ${type}`);
  const { modulusLength: bits = 0, publicExponent } = details;
  if (bits < RECOVERY_KEY_BITS.min || bits > RECOVERY_KEY_BITS.max) {
    throw new TypeError(`${EXPECTED}, got one of ${bits} bits`);
  }
  if (publicExponent !== EXPONENT) throw new TypeError(`${EXPECTED}, got another exponent`);
  return { name, publicKey, fingerprint: recoveryFingerprint(spki) };
}

/** A key in one encoding only: its fingerprint stands for it. */
function publicKeyOf(spki: Uint8Array): KeyObject {
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    // a private key too: OpenSSL reads none as a SubjectPublicKeyInfo
    throw new TypeError(`${EXPECTED}, as a SubjectPublicKeyInfo, got something else`);
  }
  if (publicKey.export({ format: 'der', type: 'spki' }).equals(spki)) return publicKey;
  throw new TypeError(`${EXPECTED}, as a SubjectPublicKeyInfo in its canonical encoding, got another encoding`);
}

/** Returns base64url of the SHA-256 of a SubjectPublicKeyInfo, DER. */
export function recoveryFingerprint(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('base64url');
}

/** Throws `TypeError` if two of the keys have one name, or are one key. */
export function requireDistinctRecoveryKeys(keys: readonly Omit<RecoveryPublicKey, 'publicKey'>[]): void {
  const distinct = (texts: readonly string[]) => new Set(texts).size === texts.length;
  if (!distinct(keys.map(({ name }) => name))) {
    throw new TypeError('expected a name of its own for each recovery key, got one twice');
  }
  if (!distinct(keys.map(({ fingerprint }) => fingerprint))) {
    throw new TypeError('expected each recovery key once, got one twice');
  }
}

/** Returns the provider info of a recovery key in messages: the key name of an ESDK's raw RSA keyring. */
export function recoveryKeyInfo({ name, fingerprint }: Omit<RecoveryPublicKey, 'publicKey'>): string {
  return `${name} SHA256:${fingerprint}`;
}

/**
 * Returns base64url of the SHA-256 over the keys' fingerprints, sorted and joined by line feeds. A deploy that changes the
 * vault's recovery keys states it of the new list.
 */
export function recoveryKeysDigest(fingerprints: readonly string[]): string {
  return createHash('sha256')
    .update([...fingerprints].sort().join('\n'))
    .digest('base64url');
}
