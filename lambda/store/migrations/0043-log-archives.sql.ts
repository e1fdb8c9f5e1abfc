/** The access log's oldest partition is read for its archive, and dropped once that is written. The owner calls all of it. */

const READ = String.raw`
-- The oldest partition, if its rows are older than the retention.
CREATE FUNCTION vault.require_old_log_partition(p_name text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name text;
  v_ends timestamptz;
BEGIN
  SELECT p.name, p.ends INTO v_name, v_ends FROM vault.attached_log_partitions() AS p ORDER BY p.ends LIMIT 1;
  IF v_name IS DISTINCT FROM p_name THEN
    RAISE EXCEPTION 'expected the oldest partition of the log, got another' USING ERRCODE = 'SV001';
  END IF;
  IF (v_ends <= vault.log_kept_from()) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected a partition that is older than the retention, got a later one' USING ERRCODE = 'SV001';
  END IF;
END
$$;

-- A page of it. A wallet's rows are together, in their order; the wallets are in the order of the database's collation.
CREATE FUNCTION vault.read_log_partition(
  p_name text, p_after_wallet_id text, p_after_chain text, p_after_sequence bigint, p_limit integer
) RETURNS TABLE (
  wallet_id text, chain text, sequence bigint, at text, action text, outcome text, actor text, request_id text,
  record_id uuid, reason text, previous_hash bytea, hash bytea
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  PERFORM vault.require_old_log_partition(p_name);
  RETURN QUERY EXECUTE format($query$
    SELECT l.wallet_id::text, l.chain::text, l.sequence, vault.log_time(l.at), l.action::text, l.outcome::text, l.actor::text,
        l.request_id::text, l.record_id, l.reason::text, l.previous_hash::bytea, l.hash::bytea
      FROM vault.%I AS l WHERE (l.wallet_id, l.chain, l.sequence) > ($1, $2, $3)
      ORDER BY l.wallet_id, l.chain, l.sequence LIMIT least(greatest($4, 1), 10000)$query$, p_name)
    USING coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''), coalesce(p_after_sequence, 0), p_limit;
END
$$;
`;

const FINISH = String.raw`
-- the row's own hash, which covers its content, in 8 bytes
CREATE FUNCTION vault.log_row_bits(p_hash bytea) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN ('x' || pg_catalog.encode(pg_catalog.substr(p_hash, 1, 8), 'hex'))::bit(64)::bigint;

-- Keeps what the rows behind a partition are verified from. A wallet's rows continue its span of before, or begin one.
CREATE FUNCTION vault.keep_log_bases(p_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  EXECUTE format($query$
    WITH edges AS (
      SELECT l.wallet_id, l.chain, l.sequence, l.previous_hash, l.hash, l.at,
          lag(l.sequence) OVER w IS DISTINCT FROM l.sequence - 1 AS starts,
          lead(l.sequence) OVER w IS DISTINCT FROM l.sequence + 1 AS ends,
          bool_or(l.action <> 'revoke') OVER w AS known
        FROM vault.%I AS l WINDOW w AS (PARTITION BY l.wallet_id, l.chain ORDER BY l.sequence)
    ), spans AS (
      SELECT e.wallet_id, e.chain, e.ends, e.sequence, e.hash, e.at, e.known,
          CASE WHEN e.starts THEN e.sequence ELSE lag(e.sequence) OVER w END AS first_sequence,
          CASE WHEN e.starts THEN e.previous_hash ELSE lag(e.previous_hash) OVER w END AS previous_hash
        FROM edges AS e WHERE e.starts OR e.ends WINDOW w AS (PARTITION BY e.wallet_id, e.chain ORDER BY e.sequence)
    ), whole AS MATERIALIZED (
      SELECT s.* FROM spans AS s WHERE s.ends
    ), continued AS (
      UPDATE vault.log_bases AS b SET sequence = s.sequence, hash = s.hash, at = s.at, known = b.known OR s.known
        FROM whole AS s
        WHERE b.wallet_id = s.wallet_id AND b.chain = s.chain AND b.sequence = s.first_sequence - 1 AND b.hash = s.previous_hash
        RETURNING s.wallet_id, s.chain, s.first_sequence
    )
    INSERT INTO vault.log_bases (wallet_id, chain, first_sequence, begins_in, previous_hash, sequence, hash, at, known)
      SELECT s.wallet_id, s.chain, s.first_sequence, $1, s.previous_hash, s.sequence, s.hash, s.at, s.known FROM whole AS s
        WHERE NOT EXISTS (SELECT FROM continued AS c
          WHERE c.wallet_id = s.wallet_id AND c.chain = s.chain AND c.first_sequence = s.first_sequence)$query$, p_name)
    USING p_name;
END
$$;

-- Every other session that uses the log waits behind this lock: it is asked for in short attempts.
CREATE FUNCTION vault.lock_log() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
BEGIN
  FOR v_attempt IN 1..100 LOOP
    BEGIN
      LOCK TABLE vault.share_access_log IN ACCESS EXCLUSIVE MODE;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.25);
    END;
  END LOOP;
  RAISE EXCEPTION 'expected a lock of the log within 100 attempts, got none' USING ERRCODE = '55P03';
END
$$;

-- Drops the oldest partition, once its rows are archived: as many as p_rows, and the exclusive or of the first 8 bytes of their
-- hashes is p_bits. In one transaction with what remains of them: at no time does a reader miss both.
CREATE FUNCTION vault.finish_log_partition(
  p_name text, p_object_key text, p_manifest_sha256 bytea, p_rows bigint, p_bits bytea
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  v_former record;
  v_next record;
  v_rows bigint;
  v_bits bigint;
  v_newest timestamptz;
BEGIN
  PERFORM vault.require(num_nulls(p_name, p_object_key, p_manifest_sha256, p_rows, p_bits));
  LOCK TABLE vault.log_archives IN SHARE ROW EXCLUSIVE MODE;
  -- another try, after the response was lost
  IF EXISTS (SELECT FROM vault.log_archives AS a WHERE a.name = p_name AND a.object_key = p_object_key
    AND a.manifest_sha256 = p_manifest_sha256 AND a.rows = p_rows)
  THEN
    RETURN;
  END IF;
  PERFORM vault.require_old_log_partition(p_name);
  SELECT p.* INTO v_former FROM vault.attached_log_partitions() AS p WHERE p.name = p_name;
  -- it is read as before, and no row comes
  EXECUTE format('LOCK TABLE vault.%I IN SHARE MODE', p_name);
  EXECUTE format('SELECT count(*), coalesce(bit_xor(vault.log_row_bits(l.hash)), 0), max(l.at) FROM vault.%I AS l', p_name)
    INTO v_rows, v_bits, v_newest;
  IF v_rows <> p_rows OR int8send(v_bits) <> p_bits THEN
    RAISE EXCEPTION 'expected the archive to have the % rows of the partition, got % or others', v_rows, p_rows
      USING ERRCODE = 'SV001';
  END IF;
  PERFORM vault.keep_log_bases(p_name);
  INSERT INTO vault.log_archives (name, starts, ends, rows, newest, object_key, manifest_sha256)
    VALUES (p_name, v_former.starts, v_former.ends, v_rows, v_newest, p_object_key, p_manifest_sha256);
  SELECT p.* INTO v_next FROM vault.attached_log_partitions() AS p WHERE p.ends > v_former.ends ORDER BY p.ends LIMIT 1;
  PERFORM vault.lock_log();
  EXECUTE format('ALTER TABLE vault.share_access_log DETACH PARTITION vault.%I', p_name);
  EXECUTE format('DROP TABLE vault.%I', p_name);
  IF v_next.name IS NOT NULL THEN
    -- what a clock that goes back appends goes there, and not to the default partition
    EXECUTE format('ALTER TABLE vault.share_access_log DETACH PARTITION vault.%I', v_next.name);
    PERFORM vault.attach_log_partition(v_next.name, NULL, v_next.ends);
  END IF;
END
$$;
`;

export const LOG_ARCHIVES = READ + FINISH;
