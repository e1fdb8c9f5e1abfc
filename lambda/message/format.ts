import { GCM, LIMITS } from '../contract/limits';

/** The name-value pairs bound to a message and to its wrapped data key. */
export type EncryptionContext = ReadonlyMap<string, string>;

/** One encrypted data key of a message's header. */
export interface WrappedDataKey {
  /** `aws-kms` for a key in AWS KMS */
  readonly providerId: string;
  /** for `aws-kms` the key's ARN, in UTF-8 */
  readonly providerInfo: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * A message whose lengths and fields have been read and bounded, and of which nothing has been verified yet. Its bytes
 * are views of the input, which must stay unchanged until the message is opened.
 */
export interface ParsedMessage {
  readonly context: EncryptionContext;
  readonly dataKeys: readonly WrappedDataKey[];
  /** 32 random bytes: the salt of the derivation, and in every frame's additional data */
  readonly messageId: Uint8Array;
  /** plaintext bytes of each frame but the last */
  readonly frameLength: number;
  /** 32 bytes that only the data key of the message can derive */
  readonly commitment: Uint8Array;
  /** the bytes that the header's tag covers, from the version to the commitment */
  readonly header: Uint8Array;
  readonly headerTag: Uint8Array;
  /** the frames */
  readonly body: Uint8Array;
  /** of all frames together, in bytes */
  readonly plaintextLength: number;
}

export const VERSION = 2;
/** AES-256-GCM, HKDF-SHA-512, key commitment, no signature. */
export const SUITE_ID = 0x0478;
export const FRAMED = 2;

export const MESSAGE_ID_BYTES = 32;
export const DATA_KEY_BYTES = GCM.keyBytes;
export const COMMITMENT_BYTES = 32;
export const IV_BYTES = GCM.ivBytes;
export const TAG_BYTES = GCM.tagBytes;

/** Marks the final frame, in place of a regular frame's sequence number. */
export const FINAL_FRAME = 0xffff_ffff;
/** The writer's frame length: the longest material is one frame. The reader accepts no longer frame. */
export const FRAME_LENGTH = 65_536;

/** Names that begin so belong to the ESDK's signing suites, which the vault does not use. */
export const RESERVED_PREFIX = 'aws-crypto-';

/** Limits that the writer and the reader enforce, in bytes. */
export const MAX_PLAINTEXT_BYTES = LIMITS.materialBytes;
export const MAX_MESSAGE_BYTES = 72 * 1024;
/** KMS takes no longer context, and beside a material of the longest kind there is no room for one */
export const MAX_CONTEXT_BYTES = 8_192;
