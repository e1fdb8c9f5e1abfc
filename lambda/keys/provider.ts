import type { EncryptionContext, WrappedDataKey } from '../message';

/** A fresh data key: 32 bytes in the clear, to be wiped by the caller as soon as spent, and the same key wrapped. */
export interface NewDataKey {
  readonly plaintext: Buffer;
  /** under each key that may open the message, 1 to 8 */
  readonly wrapped: readonly WrappedDataKey[];
  /** KMS's id of the key material that wrapped it, 64 hexadecimal digits; '' for a key outside AWS, and if unknown */
  readonly materialId: string;
}

/**
 * A key that can wrap a data key that another provider made. A recovery key can do nothing else. Throws as `KeyProvider`.
 */
export interface Wrapper {
  /** Wraps 32 bytes under the context. The data key stays the caller's to wipe. */
  wrapDataKey(dataKey: Uint8Array, context: EncryptionContext, signal: AbortSignal): Promise<WrappedDataKey>;
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
  /** The key's name in records: the ARN of a key in AWS KMS, the same for each version of a key. */
  readonly keyId: string;
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

/** A key outside the vault's own AWS KMS. It can also be a further key of a message that another key made. */
export interface OtherKey extends KeyProvider, Wrapper {}

/**
 * Opens one RSA-OAEP (SHA-256, MGF1 SHA-256, no label) ciphertext under a private key: one in KMS, or one that existed before
 * the vault. Throws as `KeyProvider`; a ciphertext that does not open is `TransportRejected`. The caller wipes the result.
 */
export interface RsaKey {
  open(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer>;
}
