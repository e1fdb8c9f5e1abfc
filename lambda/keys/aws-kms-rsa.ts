import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../contract/errors';
import { kmsFailure } from './aws-kms-errors';
import { type PlaintextOptions, takingPlaintext } from './blank-plaintext';
import { requireKeyArn } from './key-arn';
import { requireBlanking, sharedKmsClient } from './kms-client';
import type { RsaKey } from './provider';

/** lengths of what RSA keys of 2048, 3072 and 4096 bits encrypt to: KMS knows no others */
const MODULUS_BYTES: ReadonlySet<number> = new Set([256, 384, 512]);

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
        return await takingPlaintext(keyArn, signal, send, (plaintext) => plaintext);
      } catch (error) {
        throw kmsFailure(error, signal, 'TransportRejected');
      }
    },
  };
}
