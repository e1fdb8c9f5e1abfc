/**
 * Returns ciphertext only after a committed row in the access log. A function that logs and returns ciphertext
 * would not do: its transaction could be rolled back with the ciphertext in hand. So one transaction logs and issues a
 * ticket, and the next one redeems it; the database redeems only committed tickets.
 */
export const UNSEAL = String.raw`
-- logs the attempt, whatever comes of it; a ticket where it is granted
CREATE FUNCTION vault_api.begin_unseal_delegated_share(
  p_wallet_id text, p_chain text, p_user_id text, p_reason text, p_actor text, p_request_id text,
  OUT outcome text, OUT ticket uuid
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_record_id uuid;
  v_user_id text;
BEGIN
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  SELECT s.id, s.user_id INTO v_record_id, v_user_id FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  outcome := CASE
    WHEN v_wallet.revoked_at IS NOT NULL THEN 'revoked'
    WHEN v_record_id IS NULL THEN 'not-found'
    WHEN p_user_id IS NOT NULL AND p_user_id IS DISTINCT FROM v_user_id THEN 'other-user'
    ELSE 'granted' END;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'unseal', outcome, p_actor, p_request_id, v_record_id, p_reason);
  -- a session that asked for lazy commits gets none here
  PERFORM set_config('synchronous_commit', 'on', true);
  IF outcome <> 'granted' THEN
    RETURN;
  END IF;
  UPDATE vault.delegated_shares AS s SET access_count = s.access_count + 1, last_accessed_at = clock_timestamp()
    WHERE s.id = v_record_id;
  ticket := gen_random_uuid();
  INSERT INTO vault.unseal_tickets AS t (backend_pid, ticket, record_id, login_role, begun_in)
    VALUES (pg_backend_pid(), ticket, v_record_id, session_user, pg_current_xact_id())
    ON CONFLICT (backend_pid) DO UPDATE SET ticket = EXCLUDED.ticket, record_id = EXCLUDED.record_id,
      login_role = EXCLUDED.login_role, begun_in = EXCLUDED.begun_in, issued_at = EXCLUDED.issued_at;
END
$$;

-- the ciphertext that a ticket stands for: once, within 5 s, in the session that it was issued to, after its log row
-- was committed
CREATE FUNCTION vault_api.redeem_delegated_share(
  p_ticket uuid,
  OUT outcome text, OUT record_id uuid, OUT user_id text, OUT public_key text, OUT share_set_id text,
  OUT properties_sha256 bytea, OUT delegated_share bytea, OUT wallet_api_key bytea, OUT access_count bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_record_id uuid;
BEGIN
  DELETE FROM vault.unseal_tickets AS t
    WHERE t.backend_pid = pg_backend_pid() AND t.login_role = session_user AND t.ticket = p_ticket
      AND t.issued_at BETWEEN v_now - interval '5 seconds' AND v_now
      AND pg_xact_status(t.begun_in) = 'committed'
    RETURNING t.record_id INTO v_record_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a ticket that this session committed within 5 s, got another' USING ERRCODE = 'SV003';
  END IF;
  SELECT 'granted', s.id, s.user_id, s.public_key, s.share_set_id, s.properties_sha256, s.encrypted_delegated_share,
      s.encrypted_wallet_api_key, s.access_count
    INTO outcome, record_id, user_id, public_key, share_set_id, properties_sha256, delegated_share,
      wallet_api_key, access_count
    FROM vault.delegated_shares AS s WHERE s.id = v_record_id AND s.superseded_at IS NULL;
  IF NOT FOUND THEN
    outcome := 'changed';
  END IF;
END
$$;

-- Both in one round trip. Runs with its caller's own rights, and without a SET clause, under which it could not
-- commit: so it names every schema. Fails in a transaction block, which could undo the log.
CREATE PROCEDURE vault_api.unseal_delegated_share(
  p_wallet_id text, p_chain text, p_user_id text, p_reason text, p_actor text, p_request_id text,
  OUT outcome text, OUT record_id uuid, OUT user_id text, OUT public_key text, OUT share_set_id text,
  OUT properties_sha256 bytea, OUT delegated_share bytea, OUT wallet_api_key bytea, OUT access_count bigint
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_ticket pg_catalog.uuid;
BEGIN
  SELECT b.outcome, b.ticket INTO outcome, v_ticket
    FROM vault_api.begin_unseal_delegated_share(p_wallet_id, p_chain, p_user_id, p_reason, p_actor, p_request_id) AS b;
  COMMIT;
  IF v_ticket IS NULL THEN
    RETURN;
  END IF;
  SELECT r.outcome, r.record_id, r.user_id, r.public_key, r.share_set_id, r.properties_sha256, r.delegated_share,
      r.wallet_api_key, r.access_count
    INTO outcome, record_id, user_id, public_key, share_set_id, properties_sha256, delegated_share,
      wallet_api_key, access_count
    FROM vault_api.redeem_delegated_share(v_ticket) AS r;
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.begin_unseal_delegated_share TO vault_unsealer;
GRANT EXECUTE ON FUNCTION vault_api.redeem_delegated_share TO vault_unsealer;
GRANT EXECUTE ON PROCEDURE vault_api.unseal_delegated_share TO vault_unsealer;
`;
