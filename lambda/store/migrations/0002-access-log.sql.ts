/** The access log: append-only, a hash chain for each wallet. */
export const ACCESS_LOG = String.raw`
CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'expected the access log to be appended to, got %', lower(TG_OP) USING ERRCODE = 'SV004';
END
$$;
-- against slips: the owner could drop it
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.share_access_log
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.share_access_log ENABLE ALWAYS TRIGGER append_only;

-- A missing value as an error of its own: that of a NOT NULL column quotes the whole row in the server's log.
CREATE FUNCTION vault.require(p_missing integer) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_missing > 0 THEN
    RAISE EXCEPTION 'expected every value that must be there, got % fewer', p_missing USING ERRCODE = '22023';
  END IF;
END
$$;

-- the wallet's row, made where it is missing, and locked: one write a wallet at a time
CREATE FUNCTION vault.lock_wallet(p_wallet_id text, p_chain text) RETURNS vault.wallets
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain));
  LOOP
    SELECT w.* INTO v_wallet FROM vault.wallets AS w
      WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
    -- rows are never deleted, so the next turn finds it, whoever made it
    INSERT INTO vault.wallets (wallet_id, chain) VALUES (p_wallet_id, p_chain) ON CONFLICT DO NOTHING;
  END LOOP;
  RETURN v_wallet;
END
$$;

-- length-prefixed name and value; what has no value is left out (lambda/store/chain.ts reads the same)
CREATE FUNCTION vault.log_column(p_name text, p_value text) RETURNS bytea LANGUAGE sql STABLE
RETURN CASE WHEN p_value IS NULL THEN ''::bytea ELSE
  pg_catalog.int4send(pg_catalog.octet_length(p_name)) || pg_catalog.convert_to(p_name, 'UTF8')
  || pg_catalog.int4send(pg_catalog.octet_length(pg_catalog.convert_to(p_value, 'UTF8')))
  || pg_catalog.convert_to(p_value, 'UTF8') END;

-- milliseconds, UTC
CREATE FUNCTION vault.log_time(p_at timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN pg_catalog.to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- the caller holds the wallet's lock
CREATE FUNCTION vault.append_log(
  p_wallet_id text, p_chain text, p_action text, p_outcome text, p_actor text, p_request_id text,
  p_record_id uuid, p_reason text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_at constant timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_previous bytea;
  v_sequence bigint;
  v_hash bytea;
BEGIN
  PERFORM vault.require(num_nulls(p_action, p_outcome, p_actor, p_request_id));
  SELECT w.log_head, w.log_length + 1 INTO STRICT v_previous, v_sequence FROM vault.wallets AS w
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  v_hash := sha256(v_previous
    || vault.log_column('wallet_id', p_wallet_id)
    || vault.log_column('chain', p_chain)
    || vault.log_column('sequence', v_sequence::text)
    || vault.log_column('at', vault.log_time(v_at))
    || vault.log_column('action', p_action)
    || vault.log_column('outcome', p_outcome)
    || vault.log_column('actor', p_actor)
    || vault.log_column('request_id', p_request_id)
    || vault.log_column('record_id', p_record_id::text)
    || vault.log_column('reason', p_reason));
  INSERT INTO vault.share_access_log (wallet_id, chain, sequence, at, action, outcome, actor, request_id, record_id,
      reason, previous_hash, hash)
    VALUES (p_wallet_id, p_chain, v_sequence, v_at, p_action, p_outcome, p_actor, p_request_id, p_record_id,
      p_reason, v_previous, v_hash);
  UPDATE vault.wallets AS w SET log_length = v_sequence, log_head = v_hash
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
END
$$;
`;
