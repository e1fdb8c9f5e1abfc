/** In a transaction of its own, in which the table can be read. */
export const TOMBSTONES_INDEX = String.raw`
CREATE INDEX idx_wallets_tombstones ON vault.wallets (wallet_id, chain)
  WHERE revoked_until_ns IS NOT NULL OR server_key_shares_revoked_at IS NOT NULL;
`;
