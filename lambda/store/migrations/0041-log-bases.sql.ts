/** Facts about the access log's rows that are left after they were archived and dropped: enough to verify the rows behind them. */
const BASES = String.raw`
-- A wallet's archived rows, by spans without a gap. Mostly a wallet has one, from row 1. After a step of the clock a row can
-- be in an older month than the row before it, and is archived earlier: it has a span of its own.
CREATE TABLE vault.log_bases (
  wallet_id varchar NOT NULL,
  chain varchar NOT NULL,
  first_sequence bigint NOT NULL,
  -- The partition that the span begins in: a row that was doubled must not prevent the archive of either. Until that is in
  -- vault.log_archives, its rows are in the log, and the span is not one of archived rows yet.
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

-- of a partition whose bases are being kept
CREATE TABLE vault.log_base_pages (
  name varchar(63) PRIMARY KEY,
  -- the last row that was read
  wallet_id varchar NOT NULL,
  chain varchar NOT NULL,
  sequence bigint NOT NULL,
  -- of the rows until then
  rows bigint NOT NULL,
  bits bigint NOT NULL,
  newest timestamptz,
  -- all rows were read
  done boolean NOT NULL
);

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

/**
 * Before the log's table becomes another one (0042): a call that waits for that would fail with a variable of the former table's
 * type. A migration of its own, so that calls of the former function end before the next one asks for its lock.
 */
const APPEND = String.raw`
-- of a row as it is stored, as of 0010; without its own hash
CREATE FUNCTION vault.log_hash(
  p_wallet_id text, p_chain text, p_sequence bigint, p_at timestamptz, p_action text, p_outcome text, p_actor text,
  p_request_id text, p_record_id uuid, p_reason text, p_previous_hash bytea
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.sha256(p_previous_hash
    || vault.log_column('wallet_id', p_wallet_id)
    || vault.log_column('chain', p_chain)
    || vault.log_column('sequence', p_sequence::text)
    || vault.log_column('at', vault.log_time(p_at))
    || vault.log_column('action', p_action)
    || vault.log_column('outcome', p_outcome)
    || vault.log_column('actor', p_actor)
    || vault.log_column('request_id', p_request_id)
    || vault.log_column('record_id', p_record_id::text)
    || vault.log_column('reason', p_reason))
$$;

-- as of 0010; the columns are assigned in their own types, and the hash is of that
CREATE OR REPLACE FUNCTION vault.append_log(
  p_wallet_id text, p_chain text, p_action text, p_outcome text, p_actor text, p_request_id text,
  p_record_id uuid, p_reason text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_sequence bigint;
  v_at timestamptz;
  v_action varchar(16);
  v_outcome varchar(32);
  v_actor vault.id;
  v_request_id vault.id;
  v_reason varchar(200);
  v_previous_hash vault.sha256;
  v_hash vault.sha256;
  v_stored bytea;
BEGIN
  PERFORM vault.require(num_nulls(p_action, p_outcome, p_actor, p_request_id));
  SELECT w.log_length + 1, date_trunc('milliseconds', clock_timestamp()), p_action, p_outcome, p_actor, p_request_id, p_reason,
      w.log_head
    INTO STRICT v_sequence, v_at, v_action, v_outcome, v_actor, v_request_id, v_reason, v_previous_hash
    FROM vault.wallets AS w WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  IF (v_action::text, v_outcome::text, v_actor::text, v_request_id::text, v_reason::text)
    IS DISTINCT FROM (p_action, p_outcome, p_actor, p_request_id, p_reason)
  THEN
    RAISE EXCEPTION 'expected values that the log holds whole, got a longer one' USING ERRCODE = '22001';
  END IF;
  v_hash := vault.log_hash(p_wallet_id, p_chain, v_sequence, v_at, v_action, v_outcome, v_actor, v_request_id, p_record_id,
    v_reason, v_previous_hash);
  INSERT INTO vault.share_access_log AS l (wallet_id, chain, sequence, at, action, outcome, actor, request_id, record_id, reason,
      previous_hash, hash)
    VALUES (p_wallet_id, p_chain, v_sequence, v_at, v_action, v_outcome, v_actor, v_request_id, p_record_id, v_reason,
      v_previous_hash, v_hash)
    RETURNING vault.log_hash(l.wallet_id, l.chain, l.sequence, l.at, l.action, l.outcome, l.actor, l.request_id, l.record_id,
      l.reason, l.previous_hash) INTO v_stored;
  IF v_stored IS DISTINCT FROM v_hash THEN
    RAISE EXCEPTION 'expected the log to store the row that was hashed, got another' USING ERRCODE = 'SV004';
  END IF;
  UPDATE vault.wallets AS w SET log_length = v_sequence, log_head = v_hash
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
END
$$;
`;

export const LOG_BASES = BASES + APPEND;
