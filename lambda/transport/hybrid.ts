import { VaultError } from '../contract/errors';
import { LIMITS } from '../contract/limits';
import { ENVELOPE_ALGORITHMS } from '../contract/transport';
import type { RsaKey } from '../keys/provider';
import { openUnder } from './content-key';
import { LENGTHS, type Lengths, readAnyEncoded } from './encoded';
import type { Sealed } from './gcm';
import { membersOf, rejected } from './members';

const ALGORITHMS: readonly unknown[] = ENVELOPE_ALGORITHMS;
/** Dynamic's own have 16 bytes, GCM's usual ones 12 */
const IV = { min: 12, max: 16 };

/** An envelope whose shape was accepted. */
export interface Hybrid {
  /**
   * Returns the material, 1 to `LIMITS.materialBytes` bytes, which the caller wipes. Throws `TransportRejected` if the
   * ciphertext is refused, and throws as `RsaKey`.
   */
  open(signal: AbortSignal): Promise<Buffer>;
}

/**
 * Reads an envelope of Dynamic's: AES-256-GCM without additional data, its key RSA-OAEP (SHA-256) in `ek`. The candidates
 * are tried in order, the next one only if the one before can't open `ek`. The caller chooses them (see `hybridKid`).
 * Throws `TransportRejected` if the shape is refused: no key was called then.
 */
export function readHybrid(envelope: unknown, candidates: readonly RsaKey[]): Hybrid {
  if (candidates.length < 1 || candidates.length > LIMITS.rsaCandidates) {
    throw new VaultError(
      'InternalError',
      `expected 1 to ${LIMITS.rsaCandidates} candidate keys, got ${candidates.length}`,
    );
  }
  const { wrappedKey, sealed } = readEnvelope(envelope);
  return { open: (signal) => openUnder(wrappedKey, candidates, sealed, signal) };
}

/** Returns the envelope's hint at its key. The hint is unverified and often missing; a malformed one is ignored. */
export function hybridKid(envelope: unknown): string | undefined {
  const kid = membersOf(envelope)?.get('kid');
  return typeof kid === 'string' && kid !== '' ? kid : undefined;
}

/** Reads the five members that opening needs; others are ignored, since none of them can change the result. */
function readEnvelope(envelope: unknown): { readonly wrappedKey: Buffer; readonly sealed: Sealed } {
  const members = membersOf(envelope);
  if (members === undefined) throw rejected('envelope: expected an object, got another value');
  const alg = textOf(members, 'alg');
  if (!ALGORITHMS.includes(alg))
    throw rejected(`envelope: expected ${ALGORITHMS.join(' or ')} as alg, got another value`);
  const read = (name: string, lengths: Lengths) => readAnyEncoded(textOf(members, name), name, lengths);
  return {
    wrappedKey: read('ek', LENGTHS.wrappedKey),
    sealed: { iv: read('iv', IV), ciphertext: read('ct', LENGTHS.ciphertext), tag: read('tag', LENGTHS.tag) },
  };
}

function textOf(members: ReadonlyMap<string, unknown>, name: string): string {
  if (!members.has(name)) throw rejected(`envelope: expected a member ${name}, got none`);
  const value = members.get(name);
  if (typeof value === 'string') return value;
  throw rejected(`envelope: expected a string as ${name}, got another value`);
}
