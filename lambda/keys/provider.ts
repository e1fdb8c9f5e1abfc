import type { EncryptionContext, WrappedDataKey } from '../message';

/** A fresh data key: 32 bytes in the clear, to be wiped by the caller as soon as spent, and the same key wrapped. */
export interface NewDataKey {
  readonly plaintext: Buffer;
  readonly wrapped: WrappedDataKey;
}

/**
 * The interface between the vault and the service that holds its keys. Implementations throw only `VaultError`: `KeyUnavailable`
 * (disabled, pending deletion, deleted, not allowed), `KeyThrottled`, `KeyTimeout`, `KeyUnreachable`, and for an unwrap
 * under another context or of changed bytes `ContextMismatch`. They retry by themselves within the signal's time;
 * callers never retry.
 */
export interface KeyProvider {
  /** The provider id in messages, `aws-kms` for a key in AWS KMS. */
  readonly providerId: string;
  /** Makes a data key of 32 bytes and wraps it under the context. */
  wrapNewDataKey(context: EncryptionContext, signal: AbortSignal): Promise<NewDataKey>;
  /**
   * Unwraps the candidate that has this provider's id and key, under the context. Throws `KeyUnavailable` if there is
   * none. The caller wipes the result.
   */
  unwrapDataKey(
    candidates: readonly WrappedDataKey[],
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Buffer>;
}

/**
 * Opens one RSA-OAEP (SHA-256, MGF1 SHA-256, no label) ciphertext under a private key: one in KMS, or one that existed before
 * the vault. Throws as `KeyProvider`; a ciphertext that does not open is `TransportRejected`. The caller wipes the result.
 */
export interface RsaKey {
  open(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer>;
}
