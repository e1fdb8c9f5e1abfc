import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { RecipientJwk } from '../contract/transport';
import { decodeBase64url } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { encodedChars } from './encoded';
import { memberProblem, membersOf } from './members';

export type Curve = RecipientJwk['crv'];

/** A caller's one-time public key, to which unsealed material is encrypted. */
export interface Recipient {
  readonly crv: Curve;
  readonly publicKey: KeyObject;
  /** RFC 7638, SHA-256, base64url */
  readonly thumbprint: string;
}

const KTY = { 'P-256': 'EC', X25519: 'OKP' } as const satisfies Record<Curve, RecipientJwk['kty']>;
const COORDINATES = { 'P-256': ['x', 'y'], X25519: ['x'] } as const satisfies Record<Curve, readonly string[]>;
const COORDINATE_BYTES = 32;
const X25519_PRIME = 2n ** 255n - 19n;
/**
 * Every coordinate below the prime with which any private key agrees on zero. Clamped keys are multiples of 8, the
 * curve's points whose order divides 8 have four coordinates, and those of its twist whose order divides 4 add the last.
 */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  X25519_PRIME - 1n,
]);

/**
 * Reads a public JWK of P-256 or X25519 with the members `kty`, `crv`, `x`, for P-256 `y`, and at most a `kid`, which is
 * then the key's thumbprint: a key has one name. Throws `InvalidRequest` for all else, private keys and points off the
 * curve or of small order among it.
 */
export function readRecipient(jwk: unknown): Recipient {
  const members = membersOf(jwk);
  if (members === undefined) throw invalid('expected a JWK, got another value');
  const crv = readCurve(members.get('crv'));
  const problem = memberProblem(members, ['kty', 'crv', ...COORDINATES[crv]], ['kid']);
  if (problem !== undefined) throw invalid(problem);
  if (members.get('kty') !== KTY[crv]) throw invalid(`expected kty ${KTY[crv]} with the curve ${crv}, got another`);
  const point = readPoint(members, crv);
  const publicKey = importKey(point);
  if (crv === 'X25519') requireUsable(point.x);
  const thumbprint = thumbprintOf(point);
  if (members.has('kid') && members.get('kid') !== thumbprint) {
    throw invalid("expected the key's RFC 7638 thumbprint as kid, got another value");
  }
  return { crv, publicKey, thumbprint };
}

/** A public key as a header's `epk`: without a `kid`. */
export function publicJwk(publicKey: KeyObject, crv: Curve): RecipientJwk {
  return readPoint(new Map(Object.entries(publicKey.export({ format: 'jwk' }))), crv);
}

function readCurve(crv: unknown): Curve {
  if (crv === 'P-256' || crv === 'X25519') return crv;
  throw invalid('expected the curve P-256 or X25519, got another');
}

/** Members in the order of their names, which RFC 7638 hashes. */
function readPoint(members: ReadonlyMap<string, unknown>, crv: Curve): RecipientJwk {
  const x = readCoordinate(members, 'x');
  return { crv, kty: KTY[crv], x, ...(crv === 'P-256' && { y: readCoordinate(members, 'y') }) };
}

function readCoordinate(members: ReadonlyMap<string, unknown>, name: string): string {
  const text = members.get(name);
  const fits = typeof text === 'string' && text.length === encodedChars(COORDINATE_BYTES);
  if (fits && decodeBase64url(text) !== undefined) return text;
  throw invalid(`expected ${COORDINATE_BYTES} bytes of canonical base64url as ${name}, got another value`);
}

/** For P-256 the import finds points that are not on the curve. */
function importKey(jwk: RecipientJwk): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw invalid('expected a point on the curve, got another');
  }
}

/** Any 32 bytes import as X25519: a point must be its own spelling, and of large order. */
function requireUsable(x: string): void {
  const littleEndian = Buffer.from(x, 'base64url').reverse();
  const coordinate = BigInt(`0x${littleEndian.toString('hex')}`);
  if (coordinate >= X25519_PRIME) throw invalid('expected the one spelling of a coordinate as x, got another');
  if (SMALL_ORDER.has(coordinate)) throw invalid('expected a point of large order, got another');
}

function thumbprintOf(jwk: RecipientJwk): string {
  return createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
}

function invalid(message: string): VaultError {
  return new VaultError('InvalidRequest', `recipient: ${message}`);
}
