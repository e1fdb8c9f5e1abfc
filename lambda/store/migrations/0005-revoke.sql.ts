/** Destroying: all of a wallet's records at its revocation, superseded ones in time. */
export const REVOKE = String.raw`
-- a wallet never seen gets its tombstone too
CREATE FUNCTION vault_api.revoke(
  p_wallet_id text, p_chain text, p_reason text, p_actor text, p_request_id text,
  OUT destroyed bigint, OUT revoked_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_outcome text := 'already-revoked';
BEGIN
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  IF v_wallet.revoked_at IS NULL THEN
    v_outcome := 'revoked';
    UPDATE vault.wallets AS w SET revoked_at = clock_timestamp()
      WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain RETURNING w.* INTO v_wallet;
  END IF;
  WITH shares AS (
    DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  ), key_shares AS (
    DELETE FROM vault.server_key_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  )
  SELECT (SELECT count(*) FROM shares) + (SELECT count(*) FROM key_shares) INTO destroyed;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke', v_outcome, p_actor, p_request_id, NULL, p_reason);
  revoked_at := v_wallet.revoked_at;
END
$$;

-- run by each migration, as the owner; the same happens at each seal for the wallet that is sealed
CREATE FUNCTION vault_api.destroy_expired() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before constant timestamptz := clock_timestamp() - interval '30 days';
  v_wallet record;
  v_destroyed bigint := 0;
BEGIN
  FOR v_wallet IN
    SELECT s.wallet_id, s.chain FROM vault.delegated_shares AS s WHERE s.superseded_at < v_before
    UNION
    SELECT s.wallet_id, s.chain FROM vault.server_key_shares AS s WHERE s.superseded_at < v_before
    ORDER BY 1, 2
  LOOP
    PERFORM vault.lock_wallet(v_wallet.wallet_id, v_wallet.chain);
    v_destroyed := v_destroyed + vault.destroy_superseded(v_wallet.wallet_id, v_wallet.chain);
  END LOOP;
  -- of records that were revoked; a transport itself is refused 10 minutes after it was made
  DELETE FROM vault.seal_transports AS t WHERE t.seen_at < v_before
    AND NOT EXISTS (SELECT FROM vault.delegated_shares AS s WHERE s.id = t.record_id)
    AND NOT EXISTS (SELECT FROM vault.server_key_shares AS s WHERE s.id = t.record_id);
  DELETE FROM vault.unseal_tickets AS t WHERE t.issued_at < clock_timestamp() - interval '1 minute';
  RETURN v_destroyed;
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.revoke TO vault_revoker;
`;
