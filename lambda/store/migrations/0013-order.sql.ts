/**
 * One order for a wallet's delegated shares, whether a delivery brought them or they were sealed directly: `order_ns`.
 * The live record is always the newest by it, so destroying the live one destroys every older one, and none comes back.
 */
export const ORDER = String.raw`
-- Since 1970; a delivery's time may have nine digits, timestamptz keeps six. Earlier times come from no handler, and count
-- as 1970: a bigint holds none before 1677.
CREATE FUNCTION vault.nanoseconds(p_time timestamptz) RETURNS bigint LANGUAGE sql STABLE
RETURN CASE WHEN p_time < timestamptz 'epoch' THEN 0 ELSE (EXTRACT(epoch FROM p_time) * 1000000000)::bigint END;

ALTER TABLE vault.wallets
  ALTER COLUMN revoked_until TYPE bigint USING vault.nanoseconds(revoked_until),
  -- the newest time of all deliveries that were accepted, whatever their outcome; it outlives the records
  ADD COLUMN newest_event_ns bigint;
ALTER TABLE vault.wallets RENAME COLUMN revoked_until TO revoked_until_ns;

ALTER TABLE vault.webhook_events
  ALTER COLUMN event_time TYPE bigint USING vault.nanoseconds(event_time),
  ALTER COLUMN outcome TYPE varchar(32);
ALTER TABLE vault.webhook_events RENAME COLUMN event_time TO event_time_ns;

ALTER TABLE vault.delegated_shares
  ALTER COLUMN event_time TYPE bigint USING vault.nanoseconds(event_time),
  -- the record that this one replaced, which is destroyed earlier
  ADD COLUMN supersedes uuid;
-- delivered: the event's time; sealed directly: the newest event's that the wallet had then, NULL if it had none
ALTER TABLE vault.delegated_shares RENAME COLUMN event_time TO order_ns;

UPDATE vault.wallets AS w SET newest_event_ns = e.newest
  FROM (SELECT wallet_id, chain, max(event_time_ns) AS newest FROM vault.webhook_events GROUP BY wallet_id, chain) AS e
  WHERE w.wallet_id = e.wallet_id AND w.chain = e.chain;
UPDATE vault.delegated_shares AS s SET order_ns = d.newest
  FROM (
    SELECT n.id, max(e.event_time_ns) AS newest FROM vault.delegated_shares AS n
      JOIN vault.webhook_events AS e ON e.wallet_id = n.wallet_id AND e.chain = n.chain AND e.received_at <= n.created_at
      GROUP BY n.id
  ) AS d
  WHERE s.id = d.id AND s.event_id IS NULL;
-- a clock that was set back must not place a live record before those that it superseded
UPDATE vault.delegated_shares AS s SET order_ns = d.newest
  FROM (SELECT wallet_id, chain, max(order_ns) AS newest FROM vault.delegated_shares GROUP BY wallet_id, chain) AS d
  WHERE s.wallet_id = d.wallet_id AND s.chain = d.chain AND s.event_id IS NULL AND s.superseded_at IS NULL
    AND s.order_ns IS DISTINCT FROM d.newest;
UPDATE vault.delegated_shares AS s SET supersedes = o.id FROM vault.delegated_shares AS o WHERE o.superseded_by = s.id;

CREATE FUNCTION vault.require_event_ns(p_event_time_ns bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_event_time_ns NOT BETWEEN 0 AND vault.nanoseconds(clock_timestamp() + interval '10 minutes') THEN
    RAISE EXCEPTION 'expected the time of an event that happened, got another' USING ERRCODE = '22023';
  END IF;
END
$$;

DROP FUNCTION vault.remember_delivery;
-- the caller holds the wallet's lock, and has not seen it before
CREATE FUNCTION vault.remember_delivery(
  p_event_name text, p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_event_time_ns bigint,
  p_outcome text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO vault.webhook_events (event_id, message_id, event_name, wallet_id, chain, event_time_ns, outcome)
    VALUES (p_event_id, p_message_id, p_event_name, p_wallet_id, p_chain, p_event_time_ns, p_outcome)
    ON CONFLICT DO NOTHING;
  -- came for another wallet meanwhile
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected ids of one delivery, got those of another' USING ERRCODE = 'SV001';
  END IF;
  UPDATE vault.wallets AS w SET newest_event_ns = greatest(w.newest_event_ns, p_event_time_ns)
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
END
$$;

-- sealed | outdated | duplicate
CREATE FUNCTION vault_api.accept_created(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_event_id text, p_message_id text,
  p_event_time_ns bigint, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name constant text := 'wallet.delegation.created';
  v_wallet vault.wallets;
  v_live record;
  v_outcome text;
BEGIN
  PERFORM vault.require(num_nulls(p_record_id, p_delegated_share, p_wallet_api_key, p_key_id, p_event_id, p_message_id,
    p_event_time_ns));
  PERFORM vault.require_ids(p_user_id, p_public_key, p_share_set_id, p_key_id);
  PERFORM vault.require_event_ns(p_event_time_ns);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  IF vault.delivery_seen(v_name, p_wallet_id, p_chain, p_event_id, p_message_id) THEN
    RETURN 'duplicate';
  END IF;
  SELECT s.id, s.order_ns, s.event_id::text COLLATE "C" AS event_id INTO v_live FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  -- of one time, a revocation wins, then a record that was sealed directly, then the greater event id
  v_outcome := CASE
    WHEN p_event_time_ns <= v_wallet.revoked_until_ns THEN 'outdated'
    WHEN p_event_time_ns < v_live.order_ns THEN 'outdated'
    WHEN p_event_time_ns = v_live.order_ns AND (v_live.event_id IS NULL OR v_live.event_id > p_event_id) THEN 'outdated'
    ELSE 'sealed' END;
  PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time_ns, v_outcome);
  IF v_outcome = 'outdated' THEN
    RETURN v_outcome;
  END IF;

  UPDATE vault.delegated_shares AS s SET superseded_at = clock_timestamp(), superseded_by = p_record_id
    WHERE s.id = v_live.id;
  INSERT INTO vault.delegated_shares (id, user_id, wallet_id, chain, encrypted_delegated_share,
      encrypted_wallet_api_key, encryption_key_id, public_key, share_set_id, event_id, message_id, order_ns, supersedes)
    VALUES (p_record_id, p_user_id, p_wallet_id, p_chain, p_delegated_share,
      p_wallet_api_key, p_key_id, p_public_key, p_share_set_id, p_event_id, p_message_id, p_event_time_ns, v_live.id);
  UPDATE vault.wallets AS w SET revoked_at = NULL
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain AND w.revoked_at IS NOT NULL;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'seal', 'sealed', 'dynamic:webhook', p_request_id, p_record_id,
    vault.event_reason(p_event_id));
  PERFORM vault.destroy_superseded(p_wallet_id, p_chain);
  RETURN v_outcome;
END
$$;

-- revoked | superseded-destroyed | outdated | duplicate; the second and third leave the live record, which is newer.
-- Server key shares are none of Dynamic's to revoke.
CREATE FUNCTION vault_api.accept_revoked(
  p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_event_time_ns bigint, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name constant text := 'wallet.delegation.revoked';
  v_wallet vault.wallets;
  v_live_is_newer boolean;
  v_destroyed bigint;
  v_outcome text := 'outdated';
  v_logged text;
BEGIN
  PERFORM vault.require(num_nulls(p_event_id, p_message_id, p_event_time_ns));
  PERFORM vault.require_event_ns(p_event_time_ns);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  IF vault.delivery_seen(v_name, p_wallet_id, p_chain, p_event_id, p_message_id) THEN
    RETURN 'duplicate';
  END IF;
  IF p_event_time_ns <= v_wallet.revoked_until_ns THEN
    PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time_ns, v_outcome);
    RETURN v_outcome;
  END IF;

  v_live_is_newer := EXISTS (SELECT FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL AND s.order_ns > p_event_time_ns);
  -- up to the event; all of them if it is newer than the live one, which is the newest
  DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain
    AND (NOT v_live_is_newer OR s.order_ns IS NULL OR s.order_ns <= p_event_time_ns);
  GET DIAGNOSTICS v_destroyed = ROW_COUNT;
  UPDATE vault.wallets AS w SET revoked_until_ns = p_event_time_ns,
      revoked_at = CASE WHEN v_live_is_newer THEN NULL ELSE coalesce(w.revoked_at, clock_timestamp()) END
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  IF NOT v_live_is_newer THEN
    v_outcome := 'revoked';
    v_logged := CASE WHEN v_wallet.revoked_at IS NULL THEN 'revoked' ELSE 'already-revoked' END;
  ELSIF v_destroyed > 0 THEN
    v_outcome := 'superseded-destroyed';
    v_logged := v_outcome;
  END IF;
  PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time_ns, v_outcome);
  IF v_logged IS NOT NULL THEN
    PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke', v_logged, 'dynamic:webhook', p_request_id, NULL,
      vault.event_reason(p_event_id));
  END IF;
  RETURN v_outcome;
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.accept_created TO vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.accept_revoked TO vault_receiver;
`;
