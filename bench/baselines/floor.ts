import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Client } from 'pg';

/** A call of KMS with all that it needs. */
export type KeyCall =
  | { readonly type: 'decrypt'; readonly keyArn: string; readonly ciphertext: Uint8Array; readonly context: Pairs }
  | { readonly type: 'decrypt-rsa'; readonly keyArn: string; readonly ciphertext: Uint8Array }
  | { readonly type: 'generate'; readonly keyArn: string; readonly context: Pairs };
type Pairs = Readonly<Record<string, string>>;

/** The calls that an operation can't do without, prepared by someone else. */
export interface FloorCalls {
  /** made in parallel */
  readonly keys: readonly KeyCall[];
  /** one statement of one round trip */
  readonly statement: { readonly text: string; readonly values: readonly unknown[] };
  /** `statement`: KMS is called when the rows are there, since they name what to decrypt */
  readonly first: 'keys' | 'statement';
}

/**
 * The least that any implementation needs: one round of KMS by the plain SDK and one round trip to the database by plain
 * `pg`, one after the other, with the same requests and the same statement as the vault. It reads no request, computes
 * no cryptography of its own, and wipes nothing.
 */
export class Floor {
  readonly #kms = new KMSClient();

  /** @param database - with TLS and the password of IAM: `connect` of `bench/warm-function.ts` */
  constructor(private readonly database: Client) {}

  /** Throws the error of KMS or of the database. */
  async run({ keys, statement, first }: FloorCalls): Promise<void> {
    if (first === 'keys') await this.#callKeys(keys);
    await this.database.query(statement.text, [...statement.values]);
    if (first === 'statement') await this.#callKeys(keys);
  }

  async #callKeys(calls: readonly KeyCall[]): Promise<void> {
    await Promise.all(calls.map((call) => this.#callKey(call)));
  }

  async #callKey(call: KeyCall): Promise<void> {
    switch (call.type) {
      case 'decrypt': {
        const { keyArn: KeyId, ciphertext: CiphertextBlob, context: EncryptionContext } = call;
        await this.#kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext }));
        break;
      }
      case 'decrypt-rsa': {
        const { keyArn: KeyId, ciphertext: CiphertextBlob } = call;
        const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
        await this.#kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
        break;
      }
      case 'generate': {
        const { keyArn: KeyId, context: EncryptionContext } = call;
        await this.#kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
        break;
      }
    }
  }
}
