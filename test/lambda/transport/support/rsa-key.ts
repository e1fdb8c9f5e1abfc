import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import { VaultError } from '../../../../lambda/contract/errors';
import type { RsaKey } from '../../../../lambda/keys/provider';

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** An RSA key on this machine that remembers the opened bytes. */
export class LocalRsaKey implements RsaKey {
  readonly publicKey: KeyObject;
  readonly handedOut: Buffer[] = [];
  /** the number of calls */
  calls = 0;
  /** of the last call */
  signal: AbortSignal | undefined;
  readonly #privateKey: KeyObject;

  /** @param pair - a new one of 2048 bits if absent */
  constructor({ publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })) {
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  wrap(key: Uint8Array): Buffer {
    return publicEncrypt({ key: this.publicKey, ...OAEP }, key);
  }

  /** PKCS#8 PEM, for a process of its own */
  exportPrivate(): string {
    return this.#privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  async open(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    this.calls++;
    this.signal = signal;
    try {
      const opened = privateDecrypt({ key: this.#privateKey, ...OAEP }, ciphertext);
      this.handedOut.push(opened);
      return opened;
    } catch (cause) {
      throw new VaultError('TransportRejected', 'expected a ciphertext of this key, got another', { cause });
    }
  }

  /** Forgets all calls so far. */
  forget(): void {
    this.calls = 0;
    this.handedOut.length = 0;
  }
}

/** A key with a failing service. */
export function failingKey(error: Error): RsaKey {
  return {
    open: async () => {
      throw error;
    },
  };
}
