import { VaultError } from '../../contract/errors';
import type { WrappedDataKey } from '../../message';
import { MissingDataKeyError } from '../missing-data-key';

/** An identifier of Azure: `https://NAME.vault.azure.net/keys/KEY/VERSION`. */
export interface AzureKeyId {
  /** with its version: what seals */
  readonly versioned: string;
  /** without a version: the same for each version of the key */
  readonly key: string;
}

const VERSION = /^[0-9a-f]{32}$/;
const VERSION_CHARS = 32;

/** Throws `Misconfigured` for a text that does not match the pattern of versioned ids. */
export function requireAzureKeyId(text: string, pattern: RegExp): AzureKeyId {
  if (pattern.test(text)) return { versioned: text, key: text.slice(0, -(VERSION_CHARS + 1)) };
  throw new VaultError('Misconfigured', 'expected the versioned id of a key in azure, got something else');
}

/** A wrapped data key and the version that wrapped it. */
export interface Candidate {
  readonly versioned: string;
  readonly ciphertext: Uint8Array;
}

/**
 * Returns the candidate of this provider that a version of exactly this key wrapped. Throws `KeyUnavailable` if there is
 * none, `ContextMismatch` for a ciphertext of a length that the key does not make.
 */
export function chooseCandidate(
  candidates: readonly WrappedDataKey[],
  { key }: AzureKeyId,
  providerId: string,
  lengths: ReadonlySet<number>,
): Candidate {
  for (const { providerId: id, providerInfo, ciphertext } of candidates) {
    const versioned = Buffer.from(providerInfo).toString('latin1');
    if (id !== providerId || !isVersionOf(versioned, key)) continue;
    if (lengths.has(ciphertext.length)) return { versioned, ciphertext };
    throw new VaultError('ContextMismatch', `expected a wrapped data key of the key, got ${ciphertext.length} bytes`);
  }
  throw new MissingDataKeyError();
}

function isVersionOf(versioned: string, key: string): boolean {
  return versioned.startsWith(`${key}/`) && VERSION.test(versioned.slice(key.length + 1));
}
