import { KeyObject, createPublicKey } from 'node:crypto';
import { RSA_MODULUS_BITS } from '../lambda/contract/limits';
import { KID_PATTERN } from '../lambda/contract/patterns';

/** An RSA public key as a JWK (RFC 7518, 6.3.1); other members are passed over. */
export interface IntakeJwk {
  readonly kty?: string | undefined;
  /** the modulus, base64url */
  readonly n?: string | undefined;
  /** the exponent, base64url */
  readonly e?: string | undefined;
}

/** A key of the vault; materials are encrypted to it on their way in. */
export interface IntakeKeyOption {
  /** its name in the vault: 1 to 64 letters, digits, `_`, `.` or `-` */
  readonly kid: string;
  /** RSA, at least 2048 bits: a `KeyObject`, an SPKI PEM or a JWK. Only the public half */
  readonly publicKey: KeyObject | IntakeJwk | string;
}

export interface IntakeKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
}

const MIN_MODULUS_BITS = Math.min(...RSA_MODULUS_BITS);
const EXPECTED = `an RSA public key of at least ${MIN_MODULUS_BITS} bits (KeyObject, SPKI PEM or JWK)`;

/** Returns the key, or its problems as texts after its place: `intakeKeys[0].kid: …`. */
export function readIntakeKey(option: Partial<IntakeKeyOption>): IntakeKey | readonly string[] {
  const { kid, publicKey } = option;
  const key = readPublicKey(publicKey);
  const isNamed = typeof kid === 'string' && KID_PATTERN.test(kid);
  if (isNamed && typeof key !== 'string') return { kid, publicKey: key };
  return [
    ...(isNamed ? [] : ['.kid: expected a key id, got something else']),
    ...(typeof key === 'string' ? [`.publicKey: ${key}`] : []),
  ];
}

/** Reads a list of keys; adds the problems of each to a list. */
export function intakeKeysOf(given: readonly IntakeKeyOption[], problems: string[]): readonly IntakeKey[] {
  return given.flatMap((option: unknown, i) => {
    const key = readIntakeKey(typeof option === 'object' && option !== null ? option : {});
    if ('kid' in key) return [key];
    problems.push(...key.map((problem) => `intakeKeys[${i}]${problem}`));
    return [];
  });
}

/** Reads keys that were fetched. Throws one `TypeError` that names every problem. */
export function readIntakeKeyList(given: unknown): readonly IntakeKey[] {
  const problems: string[] = [];
  const list: readonly IntakeKeyOption[] = Array.isArray(given) ? given : [];
  if (list.length === 0) problems.push('intakeKeys: expected at least one, got none');
  const keys = intakeKeysOf(list, problems);
  if (problems.length > 0) throw new TypeError(problems.join('; '));
  return keys;
}

function readPublicKey(given: unknown): KeyObject | string {
  // node would silently derive the public key of a private one, which a caller must not have
  if (holdsPrivateKey(given)) return `expected ${EXPECTED}, got a private key`;
  const key = asKeyObject(given);
  if (key?.asymmetricKeyType !== 'rsa') return `expected ${EXPECTED}, got something else`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits >= MIN_MODULUS_BITS ? key : `expected ${EXPECTED}, got one of ${bits} bits`;
}

function holdsPrivateKey(given: unknown): boolean {
  if (given instanceof KeyObject) return given.type !== 'public';
  if (typeof given === 'string') return given.includes('PRIVATE KEY');
  return typeof given === 'object' && given !== null && 'd' in given;
}

function asKeyObject(given: unknown): KeyObject | undefined {
  if (given instanceof KeyObject) return given;
  try {
    if (typeof given === 'string') return createPublicKey(given);
    if (typeof given === 'object' && given !== null) return createPublicKey({ key: { ...given }, format: 'jwk' });
  } catch {
    // the parser's message may quote its input
  }
  return undefined;
}
