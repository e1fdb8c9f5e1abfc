import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { SUITE_ID } from './format';

/** The keys derived from a data key and a message id. */
export interface MessageKeys {
  /** AES-256 */
  readonly encryption: KeyObject;
  /** 32 bytes */
  readonly commitment: Buffer;
}

/** HKDF's info texts, each with the counter of the first and only block of its expansion. */
const DERIVE_INFO = Buffer.from([SUITE_ID >> 8, SUITE_ID & 0xff, ...Buffer.from('DERIVEKEY', 'latin1'), 1]);
const COMMIT_INFO = Buffer.from([...Buffer.from('COMMITKEY', 'latin1'), 1]);
const KEY_BYTES = 32;

/**
 * Derives a message's keys by HKDF-SHA-512 with the message id as salt, and wipes its own buffers when `use` is done,
 * however it ends. The key objects hold copies that Node clears when it collects them. They are here since Node 24
 * takes a key in a buffer five times as slowly: it asks first, by an exception, whether it is an object. Spelt out in
 * HMACs, since `hkdfSync` would extract anew for each of the two keys.
 */
export function withMessageKeys<T>(dataKey: Uint8Array, messageId: Uint8Array, use: (keys: MessageKeys) => T): T {
  const pseudorandom = hmac(createSecretKey(messageId), dataKey);
  let encryption: Buffer | undefined;
  let commitment: Buffer | undefined;
  try {
    const key = createSecretKey(pseudorandom);
    encryption = hmac(key, DERIVE_INFO);
    commitment = hmac(key, COMMIT_INFO);
    return use({
      encryption: createSecretKey(encryption.subarray(0, KEY_BYTES)),
      commitment: commitment.subarray(0, KEY_BYTES),
    });
  } finally {
    pseudorandom.fill(0);
    encryption?.fill(0);
    commitment?.fill(0);
  }
}

function hmac(key: KeyObject, input: Uint8Array): Buffer {
  return createHmac('sha512', key).update(input).digest();
}
