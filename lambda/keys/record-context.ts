import { createHash } from 'node:crypto';
import { CONTEXT_NAMES, type ContextName, type Field } from '../contract/kinds';
import type { EncryptionContext } from '../message';
import type { Ownership, WalletKey } from '../contract/wallet';

/** The facts that a material is bound to. */
export interface Binding extends WalletKey, Ownership {
  readonly environment: string;
  /** the row's UUID */
  readonly recordId: string;
}

/**
 * Returns the five pairs bound to a message and to its data key. KMS writes them into CloudTrail in plain text, so they
 * hold the owner only as a salted digest.
 */
export function recordContext(binding: Binding, field: Field): EncryptionContext {
  const values: Readonly<Record<ContextName, string>> = {
    environment: binding.environment,
    record: binding.recordId,
    field,
    chain: binding.chain,
    owner: ownerDigest(binding),
  };
  return new Map(CONTEXT_NAMES.map((name) => [name, values[name]]));
}

/**
 * base64url of SHA-256(the UUID's 16 bytes ‖ lp16(user id) ‖ lp16(wallet id) ‖ lp16(public key) ‖ lp16(share set id) ‖
 * SHA-256 of the wallet properties at seal). Texts in UTF-8, lp16 = 2-byte big-endian length first; a missing one is empty.
 */
function ownerDigest(binding: Binding): string {
  const hash = createHash('sha256').update(Buffer.from(binding.recordId.replaceAll('-', ''), 'hex'));
  for (const text of [binding.userId, binding.walletId, binding.publicKey, binding.shareSetId]) {
    const bytes = Buffer.from(text ?? '', 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.update(binding.propertiesSha256 ?? '').digest('base64url');
}
