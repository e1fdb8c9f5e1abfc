import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../contract/errors';
import { RSA_MODULUS_BITS } from '../contract/limits';
import { kmsFailure } from './aws-kms-errors';
import { type PlaintextOptions, sendForPlaintext } from './blank-plaintext';
import { requireBlanking, requireKeyArn, sharedKmsClient } from './kms-client';
import type { RsaKey } from './provider';

/** Lengths of the ciphertexts of RSA keys in KMS. */
const MODULUS_BYTES: ReadonlySet<number> = new Set(RSA_MODULUS_BITS.map((bits) => bits / 8));

export interface AwsKmsRsaKeyOptions {
  /** ARN of an RSA encryption key, never of an alias */
  readonly keyArn: string;
  /** of `createKmsClient`; by default the process's own */
  readonly client?: KMSClient;
}

/** An RSA private key in AWS KMS: one `Decrypt` a ciphertext. Throws `Misconfigured` at once for anything but a key's ARN. */
export function createAwsKmsRsaKey(options: AwsKmsRsaKeyOptions): RsaKey {
  const keyArn = requireKeyArn(options.keyArn);
  const client = requireBlanking(options.client ?? sharedKmsClient());
  return {
    async open(ciphertext, signal) {
      if (!MODULUS_BYTES.has(ciphertext.length)) {
        throw new VaultError('TransportRejected', `expected the bytes of an RSA modulus, got ${ciphertext.length}`);
      }
      const command = new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: ciphertext,
        EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      });
      try {
        const send = (options: PlaintextOptions) => client.send(command, options);
        return await sendForPlaintext(keyArn, signal, send, (plaintext) => plaintext);
      } catch (error) {
        throw kmsFailure(error, signal, 'TransportRejected');
      }
    },
  };
}
