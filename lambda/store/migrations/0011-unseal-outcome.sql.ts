/**
 * An unseal's outcome is told after its log row is committed, whatever it is, and only to the procedure, which commits
 * by itself: no one can begin by hand, look, and roll back. Attempts on wallets that were never seen leave a row in a
 * log of a fixed size.
 */
export const UNSEAL_OUTCOME = String.raw`
-- Never rolled back, per session: a ticket is of the number that its session drew last, and redeeming draws another.
CREATE SEQUENCE vault.unseal_serial CACHE 1000;

-- those of the former form are void in 5 s
DELETE FROM vault.unseal_tickets;
ALTER TABLE vault.unseal_tickets
  ALTER COLUMN record_id DROP NOT NULL,
  ADD COLUMN outcome varchar(32) NOT NULL,
  ADD COLUMN serial bigint NOT NULL;

-- A ring: row number n takes the place of row number n - 10000.
CREATE SEQUENCE vault.unknown_wallet_serial;
CREATE TABLE vault.unknown_wallet_log (
  slot integer PRIMARY KEY,
  -- how many attempts there were up to this one
  sequence bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- any spelling: a refusal after the lookup would tell that the wallet is unknown
  wallet_id varchar(255) NOT NULL,
  chain varchar(10) NOT NULL,
  actor vault.id NOT NULL,
  request_id vault.id NOT NULL,
  reason varchar(200)
);

CREATE FUNCTION vault.log_unknown_wallet(
  p_wallet_id text, p_chain text, p_actor text, p_request_id text, p_reason text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_sequence constant bigint := nextval('vault.unknown_wallet_serial');
  v_reason constant vault.unknown_wallet_log.reason%TYPE := p_reason;
BEGIN
  IF v_reason IS DISTINCT FROM p_reason THEN
    RAISE EXCEPTION 'expected a reason that the log holds whole, got a longer one' USING ERRCODE = '22001';
  END IF;
  INSERT INTO vault.unknown_wallet_log AS l (slot, sequence, wallet_id, chain, actor, request_id, reason)
    VALUES (v_sequence % 10000, v_sequence, p_wallet_id, p_chain, p_actor, p_request_id, p_reason)
    ON CONFLICT (slot) DO UPDATE SET sequence = EXCLUDED.sequence, at = EXCLUDED.at, wallet_id = EXCLUDED.wallet_id,
      chain = EXCLUDED.chain, actor = EXCLUDED.actor, request_id = EXCLUDED.request_id, reason = EXCLUDED.reason
      -- a later attempt may have gone ahead
      WHERE l.sequence < EXCLUDED.sequence;
END
$$;

-- what a snapshot of an earlier time shows may have been revoked since
CREATE FUNCTION vault.require_read_committed() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'expected the isolation level read committed, got another' USING ERRCODE = '25000';
  END IF;
END
$$;

DROP FUNCTION vault_api.begin_unseal_delegated_share;
-- Logs the attempt, whatever comes of it, and returns a ticket that holds the outcome. What it reads and writes shows in
-- the session's statistics, locks and debug output before the commit: so only the procedure may call it, and no output
-- leaves. The stack must be two lines that begin alike: this function's and its caller's. A line that holds text of a
-- login's own, such as a statement or the values of parameters, begins otherwise in every language.
CREATE FUNCTION vault_api.begin_unseal_delegated_share(
  p_wallet_id text, p_chain text, p_user_id text, p_reason text, p_actor text, p_request_id text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
DECLARE
  v_stack text;
  v_wallet vault.wallets;
  v_known boolean;
  v_record_id uuid;
  v_user_id text;
  v_outcome text;
  v_ticket constant uuid := gen_random_uuid();
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ '^([^\n]*?)([a-z_]+[.])?begin_unseal_delegated_share[(][^\n]*\n\1([a-z_]+[.])?unseal_delegated_share[(][^\n]*$'
  THEN
    RAISE EXCEPTION 'expected a call by unseal_delegated_share, got one by hand' USING ERRCODE = '55000';
  END IF;
  PERFORM vault.require_read_committed();
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain, p_actor, p_request_id));
  PERFORM vault.require_ids(p_wallet_id, p_user_id, p_actor, p_request_id);
  PERFORM vault.require_chain(p_chain);
  -- what the logs would refuse: the place of a failure after the lookup tells what was found
  PERFORM p_actor::vault.id, p_request_id::vault.id, pg_current_xact_id();
  IF p_reason IS DISTINCT FROM p_reason::varchar(200)::text THEN
    RAISE EXCEPTION 'expected a reason of at most 200 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
  SELECT w.* INTO v_wallet FROM vault.wallets AS w
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain FOR NO KEY UPDATE;
  v_known := FOUND;
  SELECT s.id, s.user_id INTO v_record_id, v_user_id FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  v_outcome := CASE
    WHEN v_wallet.revoked_at IS NOT NULL THEN 'revoked'
    WHEN v_record_id IS NULL THEN 'not-found'
    WHEN p_user_id IS NOT NULL AND p_user_id IS DISTINCT FROM v_user_id THEN 'other-user'
    ELSE 'granted' END;
  IF v_known THEN
    PERFORM vault.append_log(p_wallet_id, p_chain, 'unseal', v_outcome, p_actor, p_request_id, v_record_id, p_reason);
  ELSE
    PERFORM vault.log_unknown_wallet(p_wallet_id, p_chain, p_actor, p_request_id, p_reason);
  END IF;
  -- a session that asked for lazy commits gets none here
  PERFORM set_config('synchronous_commit', 'on', true);
  IF v_outcome = 'granted' THEN
    UPDATE vault.delegated_shares AS s SET access_count = s.access_count + 1, last_accessed_at = clock_timestamp()
      WHERE s.id = v_record_id;
  END IF;
  INSERT INTO vault.unseal_tickets AS t (backend_pid, ticket, serial, outcome, record_id, login_role, begun_in)
    VALUES (pg_backend_pid(), v_ticket, nextval('vault.unseal_serial'), v_outcome, v_record_id, session_user,
      pg_current_xact_id())
    ON CONFLICT (backend_pid) DO UPDATE SET ticket = EXCLUDED.ticket, serial = EXCLUDED.serial,
      outcome = EXCLUDED.outcome, record_id = EXCLUDED.record_id, login_role = EXCLUDED.login_role,
      begun_in = EXCLUDED.begun_in, issued_at = EXCLUDED.issued_at;
  RETURN v_ticket;
END
$$;

-- The outcome that a ticket stands for, and the ciphertext if it was granted: once, even if this transaction is rolled
-- back; within 5 s, in the session that it was issued to, after its log row was committed.
CREATE OR REPLACE FUNCTION vault_api.redeem_delegated_share(
  p_ticket uuid,
  OUT outcome text, OUT record_id uuid, OUT user_id text, OUT public_key text, OUT share_set_id text,
  OUT properties_sha256 bytea, OUT delegated_share bytea, OUT wallet_api_key bytea, OUT access_count bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_record_id uuid;
BEGIN
  PERFORM vault.require_read_committed();
  DELETE FROM vault.unseal_tickets AS t
    WHERE t.backend_pid = pg_backend_pid() AND t.login_role = session_user AND t.ticket = p_ticket
      AND t.issued_at BETWEEN v_now - interval '5 seconds' AND v_now
      AND pg_xact_status(t.begun_in) = 'committed'
      AND t.serial = currval('vault.unseal_serial')
    RETURNING t.outcome, t.record_id INTO outcome, v_record_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a ticket that this session committed within 5 s, got another' USING ERRCODE = 'SV003';
  END IF;
  PERFORM nextval('vault.unseal_serial');
  IF outcome <> 'granted' THEN
    RETURN;
  END IF;
  SELECT s.id, s.user_id, s.public_key, s.share_set_id, s.properties_sha256, s.encrypted_delegated_share,
      s.encrypted_wallet_api_key, s.access_count
    INTO record_id, user_id, public_key, share_set_id, properties_sha256, delegated_share,
      wallet_api_key, access_count
    FROM vault.delegated_shares AS s WHERE s.id = v_record_id AND s.superseded_at IS NULL;
  IF NOT FOUND THEN
    outcome := 'changed';
  END IF;
END
$$;

-- As before, and fails in a transaction block before anything is looked up.
CREATE OR REPLACE PROCEDURE vault_api.unseal_delegated_share(
  p_wallet_id text, p_chain text, p_user_id text, p_reason text, p_actor text, p_request_id text,
  OUT outcome text, OUT record_id uuid, OUT user_id text, OUT public_key text, OUT share_set_id text,
  OUT properties_sha256 bytea, OUT delegated_share bytea, OUT wallet_api_key bytea, OUT access_count bigint
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_ticket pg_catalog.uuid;
BEGIN
  COMMIT;
  v_ticket :=
    vault_api.begin_unseal_delegated_share(p_wallet_id, p_chain, p_user_id, p_reason, p_actor, p_request_id);
  COMMIT;
  SELECT r.outcome, r.record_id, r.user_id, r.public_key, r.share_set_id, r.properties_sha256, r.delegated_share,
      r.wallet_api_key, r.access_count
    INTO outcome, record_id, user_id, public_key, share_set_id, properties_sha256, delegated_share,
      wallet_api_key, access_count
    FROM vault_api.redeem_delegated_share(v_ticket) AS r;
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.begin_unseal_delegated_share TO vault_unsealer;

-- as before, and forgets attempts on unknown wallets after 30 days
CREATE OR REPLACE FUNCTION vault_api.destroy_expired() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before constant timestamptz := clock_timestamp() - interval '30 days';
  v_wallet record;
  v_destroyed bigint := 0;
  v_transports bigint;
  v_attempts bigint;
BEGIN
  FOR v_wallet IN
    SELECT w.wallet_id, w.chain FROM vault.wallets AS w
      WHERE (w.wallet_id, w.chain) IN (
        SELECT s.wallet_id, s.chain FROM vault.delegated_shares AS s WHERE s.superseded_at < v_before
        UNION
        SELECT s.wallet_id, s.chain FROM vault.server_key_shares AS s WHERE s.superseded_at < v_before)
      LIMIT 500 FOR NO KEY UPDATE OF w SKIP LOCKED
  LOOP
    v_destroyed := v_destroyed + vault.destroy_superseded(v_wallet.wallet_id, v_wallet.chain);
  END LOOP;
  -- of records that were revoked; a transport itself is refused 10 minutes after it was made
  DELETE FROM vault.seal_transports AS t WHERE t.jti IN (
    SELECT o.jti FROM vault.seal_transports AS o WHERE o.seen_at < v_before
      AND NOT EXISTS (SELECT FROM vault.delegated_shares AS s WHERE s.id = o.record_id)
      AND NOT EXISTS (SELECT FROM vault.server_key_shares AS s WHERE s.id = o.record_id)
      LIMIT 5000 FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_transports = ROW_COUNT;
  DELETE FROM vault.unseal_tickets AS t WHERE t.backend_pid IN (
    SELECT o.backend_pid FROM vault.unseal_tickets AS o
      WHERE o.issued_at < clock_timestamp() - interval '1 minute' FOR UPDATE SKIP LOCKED);
  -- 10000 at most
  DELETE FROM vault.unknown_wallet_log AS l WHERE l.slot IN (
    SELECT o.slot FROM vault.unknown_wallet_log AS o WHERE o.at < v_before FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_attempts = ROW_COUNT;
  RETURN v_destroyed + v_transports + v_attempts;
END
$$;
`;
