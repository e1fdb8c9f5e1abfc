/** What an auditor reads: no ciphertext. */
export const AUDIT = String.raw`
-- a row a record, the oldest first; one row that has the revocation alone where there is no record
CREATE FUNCTION vault_api.list_records(p_wallet_id text, p_chain text) RETURNS TABLE (
  revoked_at timestamptz, record_id uuid, kind text, user_id text, public_key text, share_set_id text, key_id text,
  algorithm text, created_at timestamptz, last_accessed_at timestamptz, access_count bigint, superseded_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.revoked_at, r.id, r.kind, r.user_id, r.public_key, r.share_set_id, r.encryption_key_id,
      r.encryption_algorithm, r.created_at, r.last_accessed_at, r.access_count, r.superseded_at
    FROM vault.wallets AS w
    LEFT JOIN LATERAL (
      SELECT 'delegated-share' AS kind, s.id, s.user_id, s.public_key, s.share_set_id, s.encryption_key_id,
          s.encryption_algorithm, s.created_at, s.last_accessed_at, s.access_count, s.superseded_at
        FROM vault.delegated_shares AS s WHERE s.wallet_id = w.wallet_id AND s.chain = w.chain
      UNION ALL
      SELECT 'server-key-shares', s.id, s.user_id, s.public_key, s.share_set_id, s.encryption_key_id,
          s.encryption_algorithm, s.created_at, s.last_accessed_at, s.access_count, s.superseded_at
        FROM vault.server_key_shares AS s WHERE s.wallet_id = w.wallet_id AND s.chain = w.chain
    ) AS r ON true
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain
    ORDER BY r.created_at, r.id
$$;

CREATE FUNCTION vault_api.read_log(p_wallet_id text, p_chain text, p_after bigint, p_limit integer) RETURNS TABLE (
  sequence bigint, at text, action text, outcome text, actor text, request_id text, record_id uuid, reason text,
  previous_hash bytea, hash bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.sequence, vault.log_time(l.at), l.action, l.outcome, l.actor, l.request_id, l.record_id, l.reason,
      l.previous_hash, l.hash
    FROM vault.share_access_log AS l
    WHERE l.wallet_id = p_wallet_id AND l.chain = p_chain AND l.sequence > p_after
    ORDER BY l.sequence LIMIT least(greatest(p_limit, 0), 500)
$$;

CREATE FUNCTION vault_api.chain_head(p_wallet_id text, p_chain text) RETURNS TABLE (log_length bigint, log_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.log_length, w.log_head FROM vault.wallets AS w WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain
$$;

GRANT EXECUTE ON FUNCTION vault_api.list_records TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.read_log TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.chain_head TO vault_auditor;
`;
