/** Months of the access log are made ahead, and the default partition is closed: its rows become a partition with an end. */

const LIST = String.raw`
-- the access log's partitions, of the server's catalog; the first one has no start, the default has neither
CREATE FUNCTION vault.attached_log_partitions() RETURNS TABLE (
  oid oid, name text, starts timestamptz, ends timestamptz, rows bigint
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
  SELECT c.oid, c.relname::text, substring(b.bound, $re$FROM \('([^']+)'\)$re$)::timestamptz,
      substring(b.bound, $re$TO \('([^']+)'\)$re$)::timestamptz,
      -- without statistics: as many as its size has room for
      CASE WHEN c.reltuples < 0 THEN pg_relation_size(c.oid) / 250 ELSE c.reltuples::bigint END
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS b
    WHERE i.inhparent = 'vault.share_access_log'::regclass
$$;

-- state: attached | archived; of an archived one, the manifest's key in the bucket, and its SHA-256. The default partition, which has the rows of no other one, comes last.
CREATE FUNCTION vault_api.log_partitions() RETURNS TABLE (
  name text, starts timestamptz, ends timestamptz, state text, rows bigint, object_key text, manifest_sha256 bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.name::text, a.starts, a.ends, 'archived', a.rows, a.object_key::text, a.manifest_sha256::bytea FROM vault.log_archives AS a
  UNION ALL
  SELECT p.name, p.starts, p.ends, 'attached', p.rows, NULL, NULL FROM vault.attached_log_partitions() AS p
  ORDER BY 3
$$;
GRANT EXECUTE ON FUNCTION vault_api.log_partitions TO vault_auditor;
`;

const MONTHS = String.raw`
CREATE FUNCTION vault.make_log_table(p_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE vault.%I (LIKE vault.share_access_log, PRIMARY KEY (wallet_id, chain, sequence))', p_name);
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.%I '
    'FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change()', p_name);
  EXECUTE format('ALTER TABLE vault.%I ENABLE ALWAYS TRIGGER append_only', p_name);
  -- as lambda/store/pin-settings.ts and object-audit.ts do it for all tables, after migrations
  EXECUTE format('CREATE TRIGGER make_durable BEFORE INSERT OR UPDATE OR DELETE ON vault.%I '
    'FOR EACH STATEMENT EXECUTE FUNCTION vault.make_durable()', p_name);
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_pgaudit') THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON vault.%I TO rds_pgaudit', p_name);
  END IF;
END
$$;

-- named for the last month that it holds; without a start, it holds all from before as well
CREATE FUNCTION vault.attach_log_partition(p_name text, p_starts timestamptz, p_ends timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
BEGIN
  EXECUTE format('ALTER TABLE vault.share_access_log ATTACH PARTITION vault.%I FOR VALUES FROM (%s) TO (%L)',
    p_name, coalesce(quote_literal(p_starts), 'MINVALUE'), p_ends);
END
$$;

CREATE FUNCTION vault.log_partition_name(p_ends timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
  SELECT 'share_access_log_' || to_char(p_ends - interval '1 day', 'YYYY_MM')
$$;

-- Makes this month and the next three, if the default partition is empty: the lock on it is short then. Returns how many.
CREATE FUNCTION vault.make_log_months() RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  v_month constant timestamptz := date_trunc('month', clock_timestamp());
  v_starts timestamptz;
  v_ends timestamptz;
  v_name text;
  v_made integer := 0;
BEGIN
  LOCK TABLE vault.log_archives IN SHARE ROW EXCLUSIVE MODE;
  SELECT max(p.ends) INTO v_starts FROM vault.attached_log_partitions() AS p;
  WHILE coalesce(v_starts, v_month) < v_month + interval '4 months' LOOP
    EXIT WHEN EXISTS (SELECT FROM vault.share_access_log_default);
    v_ends := coalesce(v_starts, v_month) + interval '1 month';
    v_name := vault.log_partition_name(v_ends);
    PERFORM vault.make_log_table(v_name);
    -- without a scan of it, the partition can begin earlier once the one before it is dropped
    EXECUTE format('ALTER TABLE vault.%I ADD CONSTRAINT ends CHECK (at < %L)', v_name, v_ends);
    PERFORM vault.attach_log_partition(v_name, v_starts, v_ends);
    v_starts := v_ends;
    v_made := v_made + 1;
  END LOOP;
  RETURN v_made;
END
$$;
`;

const CLOSE = String.raw`
-- Constraints of the default partition that say where its rows begin and end. They are checked beside reads and writes, and let
-- it become a partition without a scan under a lock. As long as they are there, the default partition takes no row after them.
CREATE FUNCTION vault.log_closing() RETURNS TABLE (ends timestamptz, is_valid boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
  SELECT min(substring(pg_get_constraintdef(c.oid), $re$at < '([^']+)'$re$)::timestamptz), bool_and(c.convalidated)
    FROM pg_constraint AS c
    WHERE c.conrelid = 'vault.share_access_log_default'::regclass AND c.conname IN ('begins', 'ends')
$$;

CREATE FUNCTION vault.stop_log_closing() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ALTER TABLE vault.share_access_log_default DROP CONSTRAINT IF EXISTS begins, DROP CONSTRAINT IF EXISTS ends;
END
$$;

-- Returns whether there is something to check: no, if the default partition is empty, or has rows of the far future.
CREATE FUNCTION vault.begin_log_closing() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  v_ends constant timestamptz := date_trunc('month', clock_timestamp()) + interval '2 months';
  v_starts timestamptz;
BEGIN
  LOCK TABLE vault.log_archives IN SHARE ROW EXCLUSIVE MODE;
  SELECT max(p.ends) INTO v_starts FROM vault.attached_log_partitions() AS p;
  IF v_starts >= v_ends OR NOT EXISTS (SELECT FROM vault.share_access_log_default) THEN
    PERFORM vault.stop_log_closing() FROM vault.log_closing() AS c WHERE c.is_valid IS NOT NULL;
    RETURN false;
  END IF;
  -- one of a call that was interrupted is too old in a month
  IF EXISTS (SELECT FROM vault.log_closing() AS c WHERE c.ends = v_ends) THEN
    RETURN true;
  END IF;
  PERFORM vault.stop_log_closing();
  EXECUTE format('ALTER TABLE vault.share_access_log_default ADD CONSTRAINT ends CHECK (at < %L) NOT VALID', v_ends);
  IF v_starts IS NOT NULL THEN
    EXECUTE format('ALTER TABLE vault.share_access_log_default ADD CONSTRAINT begins CHECK (at >= %L) NOT VALID', v_starts);
  END IF;
  RETURN true;
END
$$;

-- Reads all of the default partition. Other sessions read it and write to it meanwhile.
CREATE FUNCTION vault.check_log_closing() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name name;
BEGIN
  FOR v_name IN SELECT c.conname FROM pg_constraint AS c
    WHERE c.conrelid = 'vault.share_access_log_default'::regclass AND c.conname IN ('begins', 'ends') AND NOT c.convalidated
  LOOP
    EXECUTE format('ALTER TABLE vault.share_access_log_default VALIDATE CONSTRAINT %I', v_name);
  END LOOP;
END
$$;

-- Turns the default partition into one with an end, makes a new default one, and the months that follow.
CREATE FUNCTION vault.finish_log_closing() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  v_ends timestamptz;
  v_starts timestamptz;
  v_name text;
BEGIN
  LOCK TABLE vault.log_archives IN SHARE ROW EXCLUSIVE MODE;
  SELECT c.ends INTO v_ends FROM vault.log_closing() AS c WHERE c.is_valid;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected the default partition to be checked, got it unchecked' USING ERRCODE = 'SV001';
  END IF;
  SELECT max(p.ends) INTO v_starts FROM vault.attached_log_partitions() AS p;
  v_name := vault.log_partition_name(v_ends);
  LOCK TABLE vault.share_access_log IN ACCESS EXCLUSIVE MODE;
  ALTER TABLE vault.share_access_log DETACH PARTITION vault.share_access_log_default;
  EXECUTE format('ALTER TABLE vault.share_access_log_default RENAME TO %I', v_name);
  EXECUTE format('ALTER INDEX vault.share_access_log_default_pkey RENAME TO %I', v_name || '_pkey');
  PERFORM vault.attach_log_partition(v_name, v_starts, v_ends);
  -- the first partition takes rows of any former time
  EXECUTE format('ALTER TABLE vault.%I DROP CONSTRAINT IF EXISTS begins', v_name);
  PERFORM vault.make_log_table('share_access_log_default');
  ALTER TABLE vault.share_access_log ATTACH PARTITION vault.share_access_log_default DEFAULT;
  PERFORM vault.make_log_months();
END
$$;

-- What the daily sweep keeps up, of an earlier release too: a closing that was interrupted must not refuse rows one day.
CREATE FUNCTION vault.keep_log_partitions() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.stop_log_closing() FROM vault.log_closing() AS c WHERE c.ends < clock_timestamp() + interval '14 days';
  PERFORM vault.make_log_months();
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
  -- the next sweep tries again
  NULL;
END
$$;

ALTER FUNCTION vault_api.destroy_expired() SET SCHEMA vault;
CREATE FUNCTION vault_api.destroy_expired() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.keep_log_partitions();
  RETURN vault.destroy_expired();
END
$$;

-- of rows of the former table's type, which would hold that partition (0041)
DROP FUNCTION vault.log_hash(vault.share_access_log_default);
`;

export const LOG_MONTHS = LIST + MONTHS + CLOSE;
