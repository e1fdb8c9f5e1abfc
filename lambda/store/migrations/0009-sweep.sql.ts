/** Destroying what has expired in batches, so that no call holds many wallets for long. */
export const SWEEP = String.raw`
CREATE INDEX idx_delegated_shares_superseded_at ON vault.delegated_shares (superseded_at)
  WHERE superseded_at IS NOT NULL;
CREATE INDEX idx_server_key_shares_superseded_at ON vault.server_key_shares (superseded_at)
  WHERE superseded_at IS NOT NULL;

-- One batch: how many rows it destroyed, 0 where nothing is left but what others are busy with. It waits for nobody's
-- lock, so wallets may come in any order. Deliveries (webhook_events) are remembered for ever.
CREATE OR REPLACE FUNCTION vault_api.destroy_expired() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before constant timestamptz := clock_timestamp() - interval '30 days';
  v_wallet record;
  v_destroyed bigint := 0;
  v_transports bigint;
BEGIN
  FOR v_wallet IN
    SELECT w.wallet_id, w.chain FROM vault.wallets AS w
      WHERE (w.wallet_id, w.chain) IN (
        SELECT s.wallet_id, s.chain FROM vault.delegated_shares AS s WHERE s.superseded_at < v_before
        UNION
        SELECT s.wallet_id, s.chain FROM vault.server_key_shares AS s WHERE s.superseded_at < v_before)
      LIMIT 500 FOR NO KEY UPDATE OF w SKIP LOCKED
  LOOP
    v_destroyed := v_destroyed + vault.destroy_superseded(v_wallet.wallet_id, v_wallet.chain);
  END LOOP;
  -- of records that were revoked; a transport itself is refused 10 minutes after it was made
  DELETE FROM vault.seal_transports AS t WHERE t.jti IN (
    SELECT o.jti FROM vault.seal_transports AS o WHERE o.seen_at < v_before
      AND NOT EXISTS (SELECT FROM vault.delegated_shares AS s WHERE s.id = o.record_id)
      AND NOT EXISTS (SELECT FROM vault.server_key_shares AS s WHERE s.id = o.record_id)
      LIMIT 5000 FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_transports = ROW_COUNT;
  DELETE FROM vault.unseal_tickets AS t WHERE t.backend_pid IN (
    SELECT o.backend_pid FROM vault.unseal_tickets AS o
      WHERE o.issued_at < clock_timestamp() - interval '1 minute' FOR UPDATE SKIP LOCKED);
  RETURN v_destroyed + v_transports;
END
$$;
`;
