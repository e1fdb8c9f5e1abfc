import { CompactEncrypt, compactDecrypt } from 'jose';
import type { EncryptionContext, WrappedDataKey } from '../../lambda/message';

/** The input of a message, as the vault's own writer has it. */
export interface JoseInput {
  readonly plaintext: Uint8Array;
  /** 32 bytes, fresh for this message */
  readonly dataKey: Uint8Array;
  readonly wrapped: readonly WrappedDataKey[];
  readonly context: EncryptionContext;
}

/**
 * Seals as a compact JWE by `jose`: `dir` and `A256GCM`, so the data key encrypts directly, as in the vault. (`A256GCMKW` would
 * wrap another key with it, a step that neither the vault nor this needs.) The context and the wrapped data keys are in the
 * protected header, so the tag covers them. It has no key commitment and derives no key.
 */
export async function joseSeal({ plaintext, dataKey, wrapped, context }: JoseInput): Promise<string> {
  const keys = wrapped.map(({ providerId, providerInfo, ciphertext }) => ({
    id: providerId,
    info: Buffer.from(providerInfo).toString('base64url'),
    key: Buffer.from(ciphertext).toString('base64url'),
  }));
  const header = { alg: 'dir', enc: 'A256GCM', context: Object.fromEntries(context), keys };
  return new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(dataKey);
}

/** Opens a JWE, and throws unless its context is the expected one. */
export async function joseOpen(jwe: string, dataKey: Uint8Array, expected: EncryptionContext): Promise<Uint8Array> {
  const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, dataKey, options);
  const claimed = new Map(Object.entries((protectedHeader.context ?? {}) as Record<string, string>));
  const same = claimed.size === expected.size && [...expected].every(([name, value]) => claimed.get(name) === value);
  if (!same) throw new Error('expected a message bound to the given context, got another');
  return plaintext;
}
