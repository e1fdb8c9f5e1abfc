/** The log's hash covers the stored row, in any session; a value that its column would shorten is refused. */
export const LOG_ROWS = String.raw`
-- A cast to a column's type shortens, an assignment drops trailing blanks. Lengths only: the columns' domains check the
-- rest, and not for wallets of older releases.
CREATE FUNCTION vault.require_ids(VARIADIC p_values text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(p_values) AS value WHERE char_length(value) > 255) THEN
    RAISE EXCEPTION 'expected an id of at most 255 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
END
$$;

CREATE FUNCTION vault.require_chain(p_chain text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF char_length(p_chain) > 10 THEN
    RAISE EXCEPTION 'expected a chain of at most 10 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
END
$$;

CREATE FUNCTION vault.require_transports(p_transport_ids text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(p_transport_ids) AS value WHERE char_length(value) > 64) THEN
    RAISE EXCEPTION 'expected a transport id of at most 64 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
END
$$;

-- as before, and refuses what the row would not hold: its loop would never find such a row
CREATE OR REPLACE FUNCTION vault.lock_wallet(p_wallet_id text, p_chain text) RETURNS vault.wallets
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain));
  PERFORM vault.require_ids(p_wallet_id);
  PERFORM vault.require_chain(p_chain);
  LOOP
    SELECT w.* INTO v_wallet FROM vault.wallets AS w
      WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
    -- rows are never deleted, so the next turn finds it, whichever session made it
    INSERT INTO vault.wallets (wallet_id, chain) VALUES (p_wallet_id, p_chain) ON CONFLICT DO NOTHING;
  END LOOP;
  RETURN v_wallet;
END
$$;

-- as before, and refuses ids that webhook_events would shorten
CREATE OR REPLACE FUNCTION vault.delivery_seen(
  p_event_name text, p_wallet_id text, p_chain text, p_event_id text, p_message_id text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_own boolean;
BEGIN
  PERFORM vault.require_ids(p_wallet_id, p_event_id, p_message_id);
  PERFORM vault.require_chain(p_chain);
  SELECT bool_and(e.event_name = p_event_name AND e.wallet_id = p_wallet_id AND e.chain = p_chain) INTO v_own
    FROM vault.webhook_events AS e WHERE e.event_id = p_event_id OR e.message_id = p_message_id;
  IF NOT v_own THEN
    RAISE EXCEPTION 'expected ids of one delivery, got those of another' USING ERRCODE = 'SV001';
  END IF;
  RETURN v_own IS NOT NULL;
END
$$;

-- Milliseconds, UTC. From the epoch: AT TIME ZONE 'UTC' asks the session what UTC is, since PostgreSQL 18 its own
-- TimeZone's abbreviations first.
CREATE OR REPLACE FUNCTION vault.log_time(p_at timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN pg_catalog.to_char(timestamp 'epoch' + (p_at - timestamptz 'epoch'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- of a row as it is stored; without its own hash. As a text, or no later migration could alter the table's columns
CREATE FUNCTION vault.log_hash(p_row vault.share_access_log) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.sha256((p_row).previous_hash
    || vault.log_column('wallet_id', (p_row).wallet_id)
    || vault.log_column('chain', (p_row).chain)
    || vault.log_column('sequence', (p_row).sequence::text)
    || vault.log_column('at', vault.log_time((p_row).at))
    || vault.log_column('action', (p_row).action)
    || vault.log_column('outcome', (p_row).outcome)
    || vault.log_column('actor', (p_row).actor)
    || vault.log_column('request_id', (p_row).request_id)
    || vault.log_column('record_id', (p_row).record_id::text)
    || vault.log_column('reason', (p_row).reason))
$$;

-- The caller holds the wallet's lock. The row is made first, in its columns' own types, and its hash of that.
CREATE OR REPLACE FUNCTION vault.append_log(
  p_wallet_id text, p_chain text, p_action text, p_outcome text, p_actor text, p_request_id text,
  p_record_id uuid, p_reason text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row vault.share_access_log;
  v_stored bytea;
BEGIN
  PERFORM vault.require(num_nulls(p_action, p_outcome, p_actor, p_request_id));
  SELECT p_wallet_id, p_chain, w.log_length + 1, date_trunc('milliseconds', clock_timestamp()), p_action, p_outcome,
      p_actor, p_request_id, p_record_id, p_reason, w.log_head, w.log_head
    INTO STRICT v_row.wallet_id, v_row.chain, v_row.sequence, v_row.at, v_row.action, v_row.outcome,
      v_row.actor, v_row.request_id, v_row.record_id, v_row.reason, v_row.previous_hash, v_row.hash
    FROM vault.wallets AS w WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  IF (v_row.wallet_id::text, v_row.chain::text, v_row.action::text, v_row.outcome::text, v_row.actor::text,
      v_row.request_id::text, v_row.reason::text)
    IS DISTINCT FROM (p_wallet_id, p_chain, p_action, p_outcome, p_actor, p_request_id, p_reason)
  THEN
    RAISE EXCEPTION 'expected values that the log holds whole, got a longer one' USING ERRCODE = '22001';
  END IF;
  v_row.hash := vault.log_hash(v_row);
  INSERT INTO vault.share_access_log AS l SELECT v_row.* RETURNING vault.log_hash(l) INTO v_stored;
  IF v_stored IS DISTINCT FROM v_row.hash THEN
    RAISE EXCEPTION 'expected the log to store the row that was hashed, got another' USING ERRCODE = 'SV004';
  END IF;
  UPDATE vault.wallets AS w SET log_length = v_row.sequence, log_head = v_row.hash
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
END
$$;
`;
