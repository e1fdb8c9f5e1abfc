/** What reads the access log, with the rows that were archived. */

/** A base counts once its rows are dropped. */
const DROPPED = 'b.begins_in IN (SELECT a.name FROM vault.log_archives AS a)';

/** A wallet's newest row until a time, archived or not. */
const HEAD_AT = String.raw`
      SELECT h.sequence, h.hash FROM (
        (SELECT l.sequence, l.hash::bytea FROM vault.share_access_log AS l
          WHERE l.wallet_id = p.wallet_id AND l.chain = p.chain AND l.at <= p_at ORDER BY l.sequence DESC LIMIT 1)
        UNION ALL
        (SELECT b.sequence, b.hash::bytea FROM vault.log_bases AS b
          WHERE b.wallet_id = p.wallet_id AND b.chain = p.chain AND b.at <= p_at AND ${DROPPED} ORDER BY b.sequence DESC LIMIT 1)
      ) AS h ORDER BY h.sequence DESC LIMIT 1`;

const HEADS = String.raw`
-- As of 0029. A time before the end of an archived month is refused: the rows that were newest then are in the archive.
CREATE OR REPLACE FUNCTION vault_api.chain_heads_at(p_at timestamptz, p_after_wallet_id text, p_after_chain text, p_limit integer)
RETURNS TABLE (wallets bigint, heads text, last_wallet_id text, last_chain text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT vault.require_log_since(p_at);
  WITH page AS (
    SELECT w.wallet_id::text, w.chain::text FROM vault.wallets AS w
      WHERE (w.wallet_id, w.chain) > (coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''))
      ORDER BY w.wallet_id, w.chain LIMIT least(greatest(p_limit, 1), 5000)
  ), lines AS (
    SELECT p.wallet_id, p.chain, l.sequence, l.hash FROM page AS p LEFT JOIN LATERAL (${HEAD_AT}
    ) AS l ON true
  )
  SELECT count(l.sequence),
      string_agg(concat_ws(E'\t', l.wallet_id, l.chain, l.sequence, encode(l.hash, 'hex')) || E'\n', ''
        ORDER BY l.wallet_id, l.chain) FILTER (WHERE l.sequence IS NOT NULL),
      (array_agg(l.wallet_id ORDER BY l.wallet_id DESC, l.chain DESC))[1],
      (array_agg(l.chain ORDER BY l.wallet_id DESC, l.chain DESC))[1]
    FROM lines AS l
$$;
`;

const REQUIRE_SINCE = String.raw`
CREATE FUNCTION vault.require_log_since(p_at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- a partition may have ended after its newest row
  v_archived constant timestamptz := (SELECT max(a.newest) FROM vault.log_archives AS a);
BEGIN
  IF p_at < v_archived THEN
    RAISE EXCEPTION 'expected a time after the archived rows of the log, got one before' USING ERRCODE = 'SV001';
  END IF;
END
$$;
`;

const SPANS = String.raw`
-- a wallet's archived rows, which the first row that is left continues
CREATE FUNCTION vault_api.log_spans(p_wallet_id text, p_chain text) RETURNS TABLE (
  first_sequence bigint, previous_hash bytea, sequence bigint, hash bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH spans AS (
    SELECT b.*, lag(b.sequence) OVER w IS DISTINCT FROM b.first_sequence - 1
        OR lag(b.hash) OVER w IS DISTINCT FROM b.previous_hash AS starts
      FROM vault.log_bases AS b WHERE ${DROPPED} AND b.wallet_id = p_wallet_id AND b.chain = p_chain
      WINDOW w AS (ORDER BY b.first_sequence, b.sequence, b.begins_in)
  ), numbered AS (
    SELECT s.*, count(*) FILTER (WHERE s.starts) OVER (ORDER BY s.first_sequence, s.sequence, s.begins_in) AS number FROM spans AS s
  )
  SELECT min(n.first_sequence), (array_agg(n.previous_hash::bytea ORDER BY n.first_sequence, n.sequence))[1], max(n.sequence),
      (array_agg(n.hash::bytea ORDER BY n.sequence DESC))[1]
    FROM numbered AS n GROUP BY n.number ORDER BY n.number
$$;
GRANT EXECUTE ON FUNCTION vault_api.log_spans TO vault_auditor;
`;

const WALLETS = String.raw`
-- as of 0021; a wallet matches too if its archived rows may be in the span
CREATE OR REPLACE FUNCTION vault_api.list_wallets(
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
      OR EXISTS (SELECT FROM vault.log_bases AS b
        WHERE ${DROPPED} AND b.wallet_id = w.wallet_id AND b.chain = w.chain AND b.at >= coalesce(p_from, '-infinity')
          AND w.created_at < coalesce(p_until, 'infinity'))
    FROM vault.wallets AS w
    -- no name is empty
    WHERE (w.wallet_id, w.chain) > (coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''))
    ORDER BY w.wallet_id, w.chain LIMIT least(greatest(p_limit, 0), 500)
$$;
`;

const NEWEST = String.raw`
-- Time of the newest row, or of one shortly before it: of the last rows in the newest partition's file that has any. Without
-- a row, of the archives. No index has times, and to read all rows takes minutes.
CREATE FUNCTION vault.newest_log_time() RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_partition record;
  v_at timestamptz;
  v_blocks bigint;
BEGIN
  FOR v_partition IN SELECT p.name, p.oid FROM vault.attached_log_partitions() AS p ORDER BY p.ends DESC NULLS FIRST LOOP
    v_blocks := pg_relation_size(v_partition.oid) / current_setting('block_size')::bigint;
    FOR v_from IN REVERSE greatest(v_blocks - 1, 0) / 256 .. 0 LOOP
      EXECUTE format('SELECT max(l.at) FROM vault.%I AS l WHERE l.ctid >= %L AND l.ctid < %L', v_partition.name,
        format('(%s,0)', v_from * 256), format('(%s,0)', (v_from + 1) * 256)) INTO v_at;
      IF v_at IS NOT NULL THEN
        RETURN v_at;
      END IF;
    END LOOP;
  END LOOP;
  RETURN (SELECT max(a.newest) FROM vault.log_archives AS a);
END
$$;

-- As of 0039, with that time. An earlier one is as good: more tombstones are replayed.
CREATE OR REPLACE FUNCTION vault.note_database(p_generation text, p_token text, p_request_id text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_former vault.generations;
  v_freeze_id bigint;
BEGIN
  SELECT g.* INTO v_former FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1;
  IF v_former.generation = p_generation AND (p_token IS NULL OR v_former.token IS NOT DISTINCT FROM p_token) THEN
    RETURN false;
  END IF;
  INSERT INTO vault.generations (generation, token) VALUES (p_generation, p_token);
  IF v_former.id IS NULL OR v_former.generation = p_generation AND v_former.token IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO vault.freezes (scope, reason, frozen_by, request_id, needs_replay, replay_since)
    VALUES ('all', 'another database: replay the tombstones', 'vault:migrate', p_request_id, true,
      coalesce(vault.newest_log_time() - interval '1 minute', '-infinity'))
    RETURNING id INTO v_freeze_id;
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id, reason)
    VALUES (v_freeze_id, 'freeze', 'vault:migrate', p_request_id, 'another database: replay the tombstones');
  RETURN true;
END
$$;
`;

export const LOG_READERS = REQUIRE_SINCE + SPANS + HEADS + WALLETS + NEWEST;
