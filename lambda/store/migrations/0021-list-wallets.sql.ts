/** What an auditor lists: the vault's wallets, a span of a log, and both tombstones. And what the sweep forgets. */
export const LIST_WALLETS = String.raw`
-- A page by the wallets' names. Without rows of the log in the span, a wallet is no match, but it counts, so that few
-- matches in a large vault need many pages and no long one. Rows are in the order of their times: the last one before the
-- span's end decides.
CREATE FUNCTION vault_api.list_wallets(
  p_after_wallet_id text, p_after_chain text, p_limit integer, p_from timestamptz, p_until timestamptz
) RETURNS TABLE (
  wallet_id text, chain text, created_at timestamptz, revoked_at timestamptz, server_key_shares_revoked_at timestamptz,
  kinds text[], properties_version bigint, log_length bigint, log_head bytea, matches boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.wallet_id, w.chain, w.created_at, w.revoked_at, w.server_key_shares_revoked_at,
      array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM vault.delegated_shares AS s
          WHERE s.wallet_id = w.wallet_id AND s.chain = w.chain AND s.superseded_at IS NULL) THEN 'delegated-share' END,
        CASE WHEN EXISTS (SELECT FROM vault.server_key_shares AS s
          WHERE s.wallet_id = w.wallet_id AND s.chain = w.chain AND s.superseded_at IS NULL) THEN 'server-key-shares' END
      ], NULL),
      w.properties_version, w.log_length, w.log_head,
      (p_from IS NULL AND p_until IS NULL) OR coalesce((
        SELECT l.at >= coalesce(p_from, '-infinity') FROM vault.share_access_log AS l
          WHERE l.wallet_id = w.wallet_id AND l.chain = w.chain AND l.at < coalesce(p_until, 'infinity')
          ORDER BY l.sequence DESC LIMIT 1), false)
    FROM vault.wallets AS w
    -- no name is empty
    WHERE (w.wallet_id, w.chain) > (coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''))
    ORDER BY w.wallet_id, w.chain LIMIT least(greatest(p_limit, 0), 500)
$$;

CREATE FUNCTION vault_api.read_log_span(
  p_wallet_id text, p_chain text, p_after bigint, p_limit integer, p_from timestamptz, p_until timestamptz
) RETURNS TABLE (
  sequence bigint, at text, action text, outcome text, actor text, request_id text, record_id uuid, reason text,
  previous_hash bytea, hash bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.sequence, vault.log_time(l.at), l.action, l.outcome, l.actor, l.request_id, l.record_id, l.reason,
      l.previous_hash, l.hash
    FROM vault.share_access_log AS l
    WHERE l.wallet_id = p_wallet_id AND l.chain = p_chain AND l.sequence > p_after
      AND l.at >= coalesce(p_from, '-infinity') AND l.at < coalesce(p_until, 'infinity')
    ORDER BY l.sequence LIMIT least(greatest(p_limit, 0), 5000)
$$;

-- as list_records, with both tombstones
CREATE FUNCTION vault_api.records_of(p_wallet_id text, p_chain text) RETURNS TABLE (
  revoked_at timestamptz, server_key_shares_revoked_at timestamptz, record_id uuid, kind text, user_id text,
  public_key text, share_set_id text, key_id text, algorithm text, created_at timestamptz, last_accessed_at timestamptz,
  access_count bigint, superseded_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.revoked_at, w.server_key_shares_revoked_at, r.record_id, r.kind, r.user_id, r.public_key, r.share_set_id,
      r.key_id, r.algorithm, r.created_at, r.last_accessed_at, r.access_count, r.superseded_at
    FROM vault.wallets AS w, vault_api.list_records(w.wallet_id, w.chain) AS r
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain
    ORDER BY r.created_at, r.record_id
$$;

GRANT EXECUTE ON FUNCTION vault_api.list_wallets TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.read_log_span TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.records_of TO vault_auditor;

-- as before, and forgets tickets of batches
CREATE OR REPLACE FUNCTION vault_api.destroy_expired() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before constant timestamptz := clock_timestamp() - interval '30 days';
  v_wallet record;
  v_destroyed bigint := 0;
  v_transports bigint;
  v_attempts bigint;
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
  DELETE FROM vault.batch_tickets AS t WHERE t.backend_pid IN (
    SELECT o.backend_pid FROM vault.batch_tickets AS o
      WHERE o.issued_at < clock_timestamp() - interval '1 minute' FOR UPDATE SKIP LOCKED);
  -- 10000 at most
  DELETE FROM vault.unknown_wallet_log AS l WHERE l.slot IN (
    SELECT o.slot FROM vault.unknown_wallet_log AS o WHERE o.at < v_before FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_attempts = ROW_COUNT;
  RETURN v_destroyed + v_transports + v_attempts;
END
$$;
`;
