/** Server key shares get a tombstone of their own, and a revocation its kinds. */
export const SERVER_KEY_SHARES = String.raw`
ALTER TABLE vault.server_key_shares
  -- the record that this one replaced, which is destroyed earlier
  ADD COLUMN supersedes uuid;
-- Dynamic revokes delegated shares only, and a newer delivery lifts that tombstone (revoked_at). This one is for ever.
ALTER TABLE vault.wallets ADD COLUMN server_key_shares_revoked_at timestamptz;
UPDATE vault.wallets AS w SET server_key_shares_revoked_at = r.at
  FROM (
    SELECT l.wallet_id, l.chain, min(l.at) AS at FROM vault.share_access_log AS l
      WHERE l.action = 'revoke' AND l.actor <> 'dynamic:webhook' GROUP BY l.wallet_id, l.chain
  ) AS r
  WHERE w.wallet_id = r.wallet_id AND w.chain = r.chain;

-- A tombstone makes no wallet known: its name may be mistyped.
CREATE FUNCTION vault.is_known(p_wallet vault.wallets) RETURNS boolean LANGUAGE sql STABLE
RETURN (p_wallet).newest_event_ns IS NOT NULL OR EXISTS (SELECT FROM vault.share_access_log AS l
  WHERE l.wallet_id = (p_wallet).wallet_id AND l.chain = (p_wallet).chain AND l.action <> 'revoke');

-- Destroys the records of these kinds. A wallet that was never seen gets its tombstones too, and is not known.
CREATE FUNCTION vault_api.revoke_kinds(
  p_wallet_id text, p_chain text, p_kinds text[], p_reason text, p_actor text, p_request_id text,
  OUT destroyed bigint, OUT revoked_at timestamptz, OUT known boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_delegated constant boolean := 'delegated-share' = ANY (p_kinds);
  v_server constant boolean := 'server-key-shares' = ANY (p_kinds);
  v_wallet vault.wallets;
  v_now timestamptz;
  v_repeated boolean;
BEGIN
  IF (v_delegated OR v_server) IS NOT TRUE OR NOT p_kinds <@ '{delegated-share,server-key-shares}'::text[] THEN
    RAISE EXCEPTION 'expected kinds of records, got others or none' USING ERRCODE = '22023';
  END IF;
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  known := vault.is_known(v_wallet);
  v_now := clock_timestamp();
  WITH shares AS (
    DELETE FROM vault.delegated_shares AS s
      WHERE v_delegated AND s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  ), key_shares AS (
    DELETE FROM vault.server_key_shares AS s
      WHERE v_server AND s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  )
  SELECT (SELECT count(*) FROM shares) + (SELECT count(*) FROM key_shares) INTO destroyed;
  UPDATE vault.wallets AS w SET
      revoked_at = CASE WHEN v_delegated THEN coalesce(w.revoked_at, v_now) ELSE w.revoked_at END,
      -- an event's clock may be ahead of this one
      revoked_until_ns = CASE WHEN v_delegated
        THEN greatest(vault.nanoseconds(v_now), w.newest_event_ns, w.revoked_until_ns) ELSE w.revoked_until_ns END,
      server_key_shares_revoked_at = CASE WHEN v_server
        THEN coalesce(w.server_key_shares_revoked_at, v_now) ELSE w.server_key_shares_revoked_at END
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  revoked_at := greatest(
    CASE WHEN v_delegated THEN coalesce(v_wallet.revoked_at, v_now) END,
    CASE WHEN v_server THEN coalesce(v_wallet.server_key_shares_revoked_at, v_now) END);
  v_repeated := (NOT v_delegated OR v_wallet.revoked_at IS NOT NULL)
    AND (NOT v_server OR v_wallet.server_key_shares_revoked_at IS NOT NULL);
  PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke',
    CASE WHEN v_repeated THEN 'already-revoked'
      WHEN v_delegated AND v_server THEN 'revoked'
      WHEN v_delegated THEN 'delegated-share-revoked'
      ELSE 'server-key-shares-revoked' END,
    p_actor, p_request_id, NULL, p_reason);
END
$$;

-- for handlers of the release before
CREATE OR REPLACE FUNCTION vault_api.revoke(
  p_wallet_id text, p_chain text, p_reason text, p_actor text, p_request_id text,
  OUT destroyed bigint, OUT revoked_at timestamptz
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.destroyed, r.revoked_at FROM vault_api.revoke_kinds(p_wallet_id, p_chain,
    '{delegated-share,server-key-shares}', p_reason, p_actor, p_request_id) AS r
$$;

GRANT EXECUTE ON FUNCTION vault_api.revoke_kinds TO vault_revoker;
`;
