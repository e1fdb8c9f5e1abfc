import { type KeyObject, createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto';

/** The calls that write or read one message, without the message. */
export interface Floor {
  readonly seal: () => void;
  readonly open: () => void;
}

const OPTIONS = { authTagLength: 16 };
const IV = Buffer.alloc(12);
const INFO = Buffer.alloc(12);
const FRAME_ADDITIONAL_BYTES = 78;

/**
 * Returns the least that an implementation of the format asks of `node:crypto`, with the lengths of a given message: 3
 * HMAC-SHA-512, of which the last two share a key, and 2 AES-256-GCM, of the header's tag and of the frame. Keys are key
 * objects, which Node takes quickest. It has no random bytes, reads and writes no header, wipes nothing, compares no
 * commitment, and its `Decipher.update` leaves a copy of the plaintext in freed memory.
 */
export function floorOf(plaintext: Buffer, dataKey: Buffer, { header, messageId }: Lengths): Floor {
  const additional = Buffer.alloc(FRAME_ADDITIONAL_BYTES);
  const derive = (): KeyObject => {
    const pseudorandom = createSecretKey(createHmac('sha512', createSecretKey(messageId)).update(dataKey).digest());
    createHmac('sha512', pseudorandom).update(INFO).digest();
    return createSecretKey(createHmac('sha512', pseudorandom).update(INFO).digest().subarray(0, 32));
  };
  const sealedHeader = seal(derive(), header);
  const sealedFrame = seal(derive(), additional, plaintext);
  return {
    seal: () => {
      const key = derive();
      seal(key, header);
      seal(key, additional, plaintext);
    },
    open: () => {
      const key = derive();
      open(key, header, sealedHeader.tag);
      open(key, additional, sealedFrame.tag, sealedFrame.ciphertext);
    },
  };
}

interface Lengths {
  readonly header: Uint8Array;
  readonly messageId: Uint8Array;
}

function seal(
  key: KeyObject,
  additional: Uint8Array,
  text?: Buffer,
): { readonly ciphertext?: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, IV, OPTIONS).setAAD(additional);
  const ciphertext = text === undefined ? undefined : cipher.update(text);
  cipher.final();
  return { ...(ciphertext === undefined ? {} : { ciphertext }), tag: cipher.getAuthTag() };
}

function open(key: KeyObject, additional: Uint8Array, tag: Buffer, ciphertext?: Buffer): void {
  const decipher = createDecipheriv('aes-256-gcm', key, IV, OPTIONS).setAAD(additional).setAuthTag(tag);
  if (ciphertext !== undefined) decipher.update(ciphertext);
  decipher.final();
}
