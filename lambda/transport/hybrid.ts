import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { LIMITS } from '../contract/limits';
import { ENVELOPE_ALGORITHMS } from '../contract/transport';
import type { RsaKey } from '../keys/provider';
import { openContentKey } from './content-key';
import { LENGTHS, type Lengths, readAnyEncoded } from './encoded';
import { openGcm, type Sealed } from './gcm';
import { membersOf, rejected } from './members';

const ALGORITHMS: readonly unknown[] = ENVELOPE_ALGORITHMS;
/** Dynamic's own have 16 bytes, GCM's usual ones 12 */
const IV = { min: 12, max: 16 };

/**
 * Opens an envelope of Dynamic's: AES-256-GCM without additional data, its key RSA-OAEP (SHA-256) in `ek`. The candidates
 * are tried in order, the next one only if the one before can't open `ek`. The caller chooses them (see `hybridKid`) and
 * wipes the result, 1 to `LIMITS.materialBytes` bytes. Throws `TransportRejected` if the shape or the ciphertext is
 * refused, and throws as `RsaKey`.
 */
export async function openHybrid(
  envelope: unknown,
  candidates: readonly RsaKey[],
  signal: AbortSignal,
): Promise<Buffer> {
  if (candidates.length < 1 || candidates.length > LIMITS.rsaCandidates) {
    throw new VaultError(
      'InternalError',
      `expected 1 to ${LIMITS.rsaCandidates} candidate keys, got ${candidates.length}`,
    );
  }
  const { wrappedKey, sealed } = readEnvelope(envelope);
  const contentKey = await openContentKey(wrappedKey, candidates, signal);
  try {
    return await openGcm(contentKey, sealed);
  } finally {
    wipe(contentKey);
  }
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
