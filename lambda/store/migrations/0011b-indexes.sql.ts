/** An index for what is asked of all of a wallet's records; those that no query uses go. */
export const INDEXES = String.raw`
-- revocations, deliveries and the auditor's list ask for live and superseded records at once: no partial index answers
CREATE INDEX idx_delegated_shares_wallet ON vault.delegated_shares (wallet_id, chain);
CREATE INDEX idx_server_key_shares_wallet ON vault.server_key_shares (wallet_id, chain);
DROP INDEX vault.idx_superseded_delegated_shares;
DROP INDEX vault.idx_superseded_server_key_shares;
DROP INDEX vault.idx_server_key_shares_user_wallet;
DROP INDEX vault.idx_server_key_shares_created_at;
`;
