import { LOG_BASE_PAGES } from './0043-log-base-pages.sql';

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
-- hashes is p_bits. Their bases were kept in pages (vault.keep_log_bases), and count from this transaction on: at no time
-- does a reader miss both, or have both.
CREATE FUNCTION vault.finish_log_partition(
  p_name text, p_object_key text, p_manifest_sha256 bytea, p_rows bigint, p_bits bytea
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  v_former record;
  v_next record;
  v_kept vault.log_base_pages;
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
  DELETE FROM vault.log_base_pages AS k WHERE k.name = p_name AND k.done RETURNING k.* INTO v_kept;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected the bases of the partition to be kept, got rows that were not read' USING ERRCODE = 'SV001';
  END IF;
  IF v_kept.rows <> p_rows OR int8send(v_kept.bits) <> p_bits THEN
    RAISE EXCEPTION 'expected the archive to have the % rows of the partition, got % or others', v_kept.rows, p_rows
      USING ERRCODE = 'SV001';
  END IF;
  INSERT INTO vault.log_archives (name, starts, ends, rows, newest, object_key, manifest_sha256)
    VALUES (p_name, v_former.starts, v_former.ends, v_kept.rows, v_kept.newest, p_object_key, p_manifest_sha256);
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

export const LOG_ARCHIVES = READ + LOG_BASE_PAGES + FINISH;
