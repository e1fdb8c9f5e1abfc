import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Client } from 'pg';

/** What the recipe stores: one record of a wallet and chain, each material at most 4,096 bytes, which is the limit of KMS. */
export interface RecipeRecord {
  readonly walletId: string;
  readonly chain: string;
  readonly materials: RecipeMaterials;
}
export type RecipeMaterials = Readonly<Record<'delegatedShare' | 'walletApiKey', Uint8Array>>;

/** The clients of a recipe. The caller makes them as the vault's functions do, and ends them. */
export interface RecipeParts {
  /** TLS, and the password of IAM: `connect` of `bench/warm-function.ts` */
  readonly database: Client;
  readonly kms: KMSClient;
  /** a symmetric key that `kms` may encrypt and decrypt with, without an encryption context */
  readonly keyArn: string;
}

interface Row {
  readonly encrypted_delegated_share: Buffer;
  readonly encrypted_wallet_api_key: Buffer;
}

/**
 * Creates the recipe's table, in a schema of its own, and lets a role use it. Running it again changes
 * nothing.
 *
 * @param owner - a login that may create schemas, for example the superuser of a local vault
 * @param role - the database user of `RecipeParts.database`
 */
export async function createRecipeTable(owner: Client, role: string): Promise<void> {
  const user = owner.escapeIdentifier(role);
  await owner.query(`
    CREATE SCHEMA IF NOT EXISTS recipe;
    CREATE TABLE IF NOT EXISTS recipe.shares (
      wallet_id text NOT NULL,
      chain text NOT NULL,
      encrypted_delegated_share bytea NOT NULL,
      encrypted_wallet_api_key bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (wallet_id, chain)
    );
    GRANT USAGE ON SCHEMA recipe TO ${user};
    GRANT SELECT, INSERT ON recipe.shares TO ${user};
  `);
}

/**
 * The vault's specification read as a recipe, and nothing more: KMS encrypts each material and an INSERT stores both; a
 * SELECT reads them and KMS decrypts each. Calls of KMS run in parallel. It has no access log, no access control of its own,
 * no encryption context, no check of who asks, and it wipes nothing.
 */
export class Recipe {
  readonly #parts: RecipeParts;

  constructor(parts: RecipeParts) {
    this.#parts = parts;
  }

  /** Encrypts and stores a new record. Throws the error of KMS or of the database, also if the wallet has a record. */
  async seal({ walletId, chain, materials }: RecipeRecord): Promise<void> {
    const { delegatedShare, walletApiKey } = materials;
    const encrypted = await Promise.all([this.#encrypt(delegatedShare), this.#encrypt(walletApiKey)]);
    await this.#parts.database.query({ name: 'recipe-insert', text: INSERT, values: [walletId, chain, ...encrypted] });
  }

  /** Reads and decrypts a record. Throws if there is none, and the error of KMS or of the database. */
  async unseal({ walletId, chain }: Pick<RecipeRecord, 'walletId' | 'chain'>): Promise<RecipeMaterials> {
    const query = { name: 'recipe-select', text: SELECT, values: [walletId, chain] };
    const { rows } = await this.#parts.database.query<Row>(query);
    const [row] = rows;
    if (row === undefined) throw new Error('expected a record of the wallet, got none');
    const [delegatedShare, walletApiKey] = await Promise.all([
      this.#decrypt(row.encrypted_delegated_share),
      this.#decrypt(row.encrypted_wallet_api_key),
    ]);
    return { delegatedShare, walletApiKey };
  }

  async #encrypt(plaintext: Uint8Array): Promise<Uint8Array> {
    const { kms, keyArn } = this.#parts;
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: plaintext }));
    if (CiphertextBlob === undefined) throw new Error('expected a ciphertext of KMS, got none');
    return CiphertextBlob;
  }

  async #decrypt(ciphertext: Uint8Array): Promise<Uint8Array> {
    const { kms, keyArn } = this.#parts;
    const { Plaintext } = await kms.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: ciphertext }));
    if (Plaintext === undefined) throw new Error('expected a plaintext of KMS, got none');
    return Plaintext;
  }
}

const INSERT = `INSERT INTO recipe.shares (wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key)
  VALUES ($1, $2, $3, $4)`;
const SELECT = `SELECT encrypted_delegated_share, encrypted_wallet_api_key FROM recipe.shares
  WHERE wallet_id = $1 AND chain = $2`;
