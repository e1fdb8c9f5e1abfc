import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Caller, NewRecord, UnsealQuery, WalletKey } from '../../../lambda/store/store';

/** A wallet that no other test has. */
export const newWallet = (): WalletKey => ({ walletId: `wallet-${randomUUID()}`, chain: 'EVM' });

export const newTransportId = (): string => randomBytes(16).toString('base64url');

export const caller: Caller = { actor: 'signer', requestId: 'request-1' };

/** Random bytes for messages: at this layer they are opaque. */
export function newRecord({ walletId, chain }: WalletKey, changes: Partial<NewRecord> = {}): NewRecord {
  return {
    walletId,
    chain,
    recordId: randomUUID(),
    kind: 'delegated-share',
    userId: 'user-1',
    publicKey: '0xabc',
    shareSetId: 'set-1',
    sealed: { delegatedShare: randomBytes(900), walletApiKey: randomBytes(300) },
    keyId: 'arn:aws:kms:eu-central-1:111122223333:key/share',
    transportIds: [newTransportId(), newTransportId()],
    ...changes,
  };
}

export const query = ({ walletId, chain }: WalletKey, changes: Partial<UnsealQuery> = {}): UnsealQuery => ({
  walletId,
  chain,
  kind: 'delegated-share',
  reason: 'to sign',
  ...changes,
});

export const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** What the log says of a wallet, read past every right. */
export async function outcomes(superuser: Client, { walletId, chain }: WalletKey): Promise<readonly string[]> {
  const log = await superuser.query<{ entry: string }>(
    `SELECT action || ' ' || outcome AS entry FROM vault.share_access_log
      WHERE wallet_id = $1 AND chain = $2 ORDER BY sequence`,
    [walletId, chain],
  );
  return log.rows.map(({ entry }) => entry);
}

/** How many rows of the vault's tables are of a wallet. */
export async function rowsOf(superuser: Client, { walletId, chain }: WalletKey): Promise<number> {
  const { rows } = await superuser.query<{ rows: string }>(
    `SELECT (SELECT count(*) FROM vault.wallets WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.delegated_shares WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.wallet_properties WHERE wallet_id = $1 AND chain = $2)
      + (SELECT count(*) FROM vault.share_access_log WHERE wallet_id = $1 AND chain = $2) AS rows`,
    [walletId, chain],
  );
  return Number(rows[0]?.rows);
}
