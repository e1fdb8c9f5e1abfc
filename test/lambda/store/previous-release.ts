import type { Client } from 'pg';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';

// The calls of the release that had a function for delegated shares only, on any database since its schema.

export async function sealBefore(client: Client, record: NewRecord): Promise<void> {
  const { recordId, walletId, chain, userId, publicKey, shareSetId, propertiesSha256, sealed, keyId } = record;
  await client.query(
    `SELECT * FROM vault_api.seal_delegated_share(
      $1::uuid, $2, $3, $4, $5, $6, $7::bytea, $8::bytea, $9::bytea, $10, $11::text[], $12::uuid, $13, 'signer', 'request-1')`,
    [
      ...[recordId, walletId, chain, userId, publicKey, shareSetId, propertiesSha256],
      ...[sealed.delegatedShare, sealed.walletApiKey, keyId, record.transportIds, record.supersedes],
      record.properties?.text,
    ],
  );
}

/** Returns the outcome. */
export async function unsealBefore(client: Client, { walletId, chain }: WalletKey): Promise<string | undefined> {
  const { rows } = await client.query<{ outcome: string }>(
    `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'to sign', 'signer', 'request-1',
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
    [walletId, chain],
  );
  return rows[0]?.outcome;
}

/** Returns how many records it destroyed. */
export async function revokeBefore(client: Client, { walletId, chain }: WalletKey): Promise<number> {
  const revoke = "SELECT destroyed FROM vault_api.revoke($1, $2, 'lost', 'signer', 'request-1')";
  const { rows } = await client.query<{ destroyed: string }>(revoke, [walletId, chain]);
  return Number(rows[0]?.destroyed);
}
