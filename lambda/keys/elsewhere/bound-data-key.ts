import { createHash, timingSafeEqual } from 'node:crypto';
import { keyMemory, wipe } from '../../contract/bytes';
import { VaultError } from '../../contract/errors';
import { GCM } from '../../contract/limits';
import { type EncryptionContext, encodeContext } from '../../message';

const DIGEST_BYTES = 48;
/** Length of a data key with its context's digest. */
export const BOUND_BYTES = DIGEST_BYTES + GCM.keyBytes;

/**
 * Returns the SHA-384 digest of the context and the data key after it, which is what an RSA key wraps: RSA has no
 * additional data. The layout is that of the AWS KMS RSA keyring (aws-encryption-sdk-specification,
 * framework/aws-kms/aws-kms-rsa-keyring.md, OnEncrypt), with the context serialized as in a message's header. The caller
 * wipes the result; the data key stays the caller's too.
 */
export function bindDataKey(dataKey: Uint8Array, context: EncryptionContext): Buffer {
  const bound = keyMemory(BOUND_BYTES);
  bound.set(digestOf(context));
  bound.set(dataKey, DIGEST_BYTES);
  return bound;
}

/**
 * Returns the data key out of an unwrapped `bindDataKey`. Throws `ContextMismatch` if it was bound to another context; the
 * comparison takes the same time for each difference. Wipes `bound`; the caller wipes the result.
 */
export function releaseDataKey(bound: Buffer, context: EncryptionContext): Buffer {
  try {
    if (bound.length !== BOUND_BYTES || !timingSafeEqual(bound.subarray(0, DIGEST_BYTES), digestOf(context))) {
      throw new VaultError('ContextMismatch', 'expected a data key bound to the given context, got another');
    }
    const dataKey = keyMemory(GCM.keyBytes);
    bound.copy(dataKey, 0, DIGEST_BYTES);
    return dataKey;
  } finally {
    wipe(bound);
  }
}

function digestOf(context: EncryptionContext): Buffer {
  return createHash('sha384').update(encodeContext(context)).digest();
}
