/** What remains of the access log's rows after they were archived and dropped: enough to verify the rows behind them. */
export const LOG_BASES = String.raw`
-- A wallet's archived rows, by spans without a gap. Mostly a wallet has one, from row 1. After a step of the clock a row can
-- be in an older month than the row before it, and is archived earlier: it has a span of its own.
CREATE TABLE vault.log_bases (
  wallet_id varchar NOT NULL,
  chain varchar NOT NULL,
  first_sequence bigint NOT NULL,
  -- the archive that the span begins in: a row that was doubled must not prevent the archive of either
  begins_in varchar(63) NOT NULL,
  -- hash of the row before the first
  previous_hash vault.sha256 NOT NULL,
  -- the last row, its hash and its time
  sequence bigint NOT NULL,
  hash vault.sha256 NOT NULL,
  at timestamptz NOT NULL,
  -- a row was not a revocation (vault.is_known)
  known boolean NOT NULL,
  PRIMARY KEY (wallet_id, chain, first_sequence, begins_in)
) WITH (fillfactor = 80);

-- a row a dropped partition
CREATE TABLE vault.log_archives (
  name varchar(63) PRIMARY KEY,
  -- of its rows; the first partition has no start
  starts timestamptz,
  ends timestamptz NOT NULL UNIQUE,
  rows bigint NOT NULL,
  -- of the newest row
  newest timestamptz,
  object_key varchar(1024) NOT NULL,
  manifest_sha256 vault.sha256 NOT NULL,
  archived_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.log_archives
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.log_archives ENABLE ALWAYS TRIGGER append_only;

-- as the deploys state it, the last one counts; without days, or without a row, nothing is dropped
CREATE TABLE vault.log_retentions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  days integer CONSTRAINT days CHECK (days BETWEEN 31 AND 36500),
  noted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE FUNCTION vault.note_log_retention(p_days integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  LOCK TABLE vault.log_retentions IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO vault.log_retentions (days) SELECT p_days
    WHERE p_days IS DISTINCT FROM (SELECT r.days FROM vault.log_retentions AS r ORDER BY r.id DESC LIMIT 1);
END
$$;

-- rows from then on stay; without a retention, all
CREATE FUNCTION vault.log_kept_from() RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_days integer;
BEGIN
  SELECT r.days INTO v_days FROM vault.log_retentions AS r ORDER BY r.id DESC LIMIT 1;
  RETURN coalesce(clock_timestamp() - v_days * interval '24 hours', '-infinity');
END
$$;
`;
