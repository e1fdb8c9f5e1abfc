/** Larger pages of the access log: verification reads 5,000 rows a round trip. */
export const READ_LOG = String.raw`
CREATE OR REPLACE FUNCTION vault_api.read_log(p_wallet_id text, p_chain text, p_after bigint, p_limit integer)
RETURNS TABLE (
  sequence bigint, at text, action text, outcome text, actor text, request_id text, record_id uuid, reason text,
  previous_hash bytea, hash bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.sequence, vault.log_time(l.at), l.action, l.outcome, l.actor, l.request_id, l.record_id, l.reason,
      l.previous_hash, l.hash
    FROM vault.share_access_log AS l
    WHERE l.wallet_id = p_wallet_id AND l.chain = p_chain AND l.sequence > p_after
    ORDER BY l.sequence LIMIT least(greatest(p_limit, 0), 5000)
$$;
`;
