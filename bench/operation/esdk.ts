import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { type EsdkMaterials, esdkKmsKeyring, esdkOpen, esdkSeal } from '../baselines/esdk';
import type { RecipeRecord } from '../baselines/recipe';

/** The recipe with the AWS Encryption SDK and its keyring of KMS in place of bare calls: envelopes, and a context. */
export class EsdkRecipe {
  readonly #materials: EsdkMaterials;

  constructor(
    private readonly database: Client,
    keyArn: string,
  ) {
    this.#materials = esdkKmsKeyring(keyArn);
  }

  async seal({ walletId, chain, materials }: RecipeRecord): Promise<void> {
    const seal = (field: string, plaintext: Uint8Array) =>
      esdkSeal(this.#materials, plaintext, contextOf(walletId, chain, field));
    const sealed = await Promise.all([
      seal('delegated_share', materials.delegatedShare),
      seal('wallet_api_key', materials.walletApiKey),
    ]);
    await this.database.query({ name: 'esdk-insert', text: INSERT, values: [walletId, chain, ...sealed] });
  }

  async unseal({ walletId, chain }: Pick<RecipeRecord, 'walletId' | 'chain'>): Promise<readonly Uint8Array[]> {
    const query = { name: 'esdk-select', text: SELECT, values: [walletId, chain] };
    const { rows } = await this.database.query<Readonly<Record<'share' | 'key', Buffer>>>(query);
    const [row] = rows;
    if (row === undefined) throw new Error('expected a record of the wallet, got none');
    return Promise.all([
      esdkOpen(this.#materials, row.share, contextOf(walletId, chain, 'delegated_share')),
      esdkOpen(this.#materials, row.key, contextOf(walletId, chain, 'wallet_api_key')),
    ]);
  }
}

/** As many pairs as the vault's context has. */
const contextOf = (walletId: string, chain: string, field: string): ReadonlyMap<string, string> =>
  new Map([
    ['chain', chain],
    ['environment', 'dev'],
    ['field', field],
    ['owner', walletId],
    ['record', RECORD],
  ]);
const RECORD = randomUUID();

const INSERT = `INSERT INTO recipe.shares (wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key)
  VALUES ($1, $2, $3, $4)`;
const SELECT = `SELECT encrypted_delegated_share AS share, encrypted_wallet_api_key AS key FROM recipe.shares
  WHERE wallet_id = $1 AND chain = $2`;
