import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { FIELDS } from '../../lambda/contract/kinds';
import { sealBytes } from '../../lambda/keys/envelope';
import type { KeyProvider } from '../../lambda/keys/provider';
import { recordContext } from '../../lambda/keys/record-context';

export const ENVIRONMENT = 'bench';
const MATERIAL = { delegatedShare: 457, walletApiKey: 51 } as const;
const PAGE = 20;

/** A key of this process: what a reseal costs without calls to KMS. */
export function localKey(keyId: string, materialId: string): KeyProvider {
  const wrapping = randomBytes(32);
  return {
    providerId: 'bench',
    keyId,
    wrapNewDataKey: async () => {
      const [plaintext, iv] = [Buffer.from(randomBytes(32)), randomBytes(12)];
      const cipher = createCipheriv('aes-256-gcm', wrapping, iv);
      const ciphertext = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return {
        plaintext,
        wrapped: [{ providerId: 'bench', providerInfo: Buffer.from(keyId), ciphertext }],
        materialId,
      };
    },
    unwrapDataKey: async (candidates) => {
      const bytes = Buffer.from(candidates[0]?.ciphertext ?? []);
      const decipher = createDecipheriv('aes-256-gcm', wrapping, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAuthTag(bytes.subarray(44));
      return Buffer.concat([decipher.update(bytes.subarray(12, 44)), decipher.final()]);
    },
  };
}

/** Makes so many delegated shares under a key, past the vault's functions. */
export async function makeRecords(client: Client, count: number, key: KeyProvider, materialId: string): Promise<void> {
  for (let left = count; left > 0; left -= PAGE) {
    const records = await Promise.all(Array.from({ length: Math.min(left, PAGE) }, () => makeRecord(key)));
    const column = <K extends keyof (typeof records)[number]>(name: K) => records.map((record) => record[name]);
    await client.query('INSERT INTO vault.wallets (wallet_id, chain) SELECT unnest($1::text[]), $2', [column('walletId'), 'EVM']); // prettier-ignore
    await client.query(
      `INSERT INTO vault.delegated_shares (id, wallet_id, chain, encrypted_delegated_share, encrypted_wallet_api_key,
          encryption_key_id, key_material_id, order_ns)
        SELECT i.id, i.wallet_id, 'EVM', i.share, i.api_key, $5, $6, 1
          FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[]) AS i (id, wallet_id, share, api_key)`,
      [column('recordId'), column('walletId'), column('share'), column('apiKey'), key.keyId, materialId],
    );
  }
  await client.query('VACUUM ANALYZE vault.delegated_shares, vault.wallets');
}

async function makeRecord(key: KeyProvider) {
  const [recordId, walletId] = [randomUUID(), randomUUID()];
  const binding = { environment: ENVIRONMENT, recordId, walletId, chain: 'EVM' };
  const seal = async (name: keyof typeof MATERIAL) => {
    const context = recordContext({ ...binding, userId: undefined, publicKey: undefined, shareSetId: undefined, propertiesSha256: undefined }, FIELDS[name]); // prettier-ignore
    const { message } = await sealBytes(randomBytes(MATERIAL[name]), context, key, new AbortController().signal);
    return message;
  };
  const [share, apiKey] = await Promise.all([seal('delegatedShare'), seal('walletApiKey')]);
  return { recordId, walletId, share, apiKey };
}
