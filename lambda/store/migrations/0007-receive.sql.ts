/**
 * What Dynamic's webhook brings, in whatever order it comes: the state that several deliveries leave behind is that of
 * their events' times. Each call takes the wallet's row first, so deliveries of one wallet are done one after another.
 */
export const RECEIVE = String.raw`
-- the newest revocation's own time: a delivery's event time, the clock where it was asked for directly; never falls,
-- and outlives the tombstone that a newer delivery lifts
ALTER TABLE vault.wallets ADD COLUMN revoked_until timestamptz;
UPDATE vault.wallets AS w SET revoked_until = w.revoked_at WHERE w.revoked_at IS NOT NULL;

-- every delivery that was accepted, for ever: Dynamic repeats them, and anyone may who captured one
CREATE TABLE vault.webhook_events (
  event_id vault.id PRIMARY KEY,
  message_id vault.id NOT NULL,
  event_name varchar(64) NOT NULL,
  -- no foreign key: what remembers holds the wallet's row, and wallets are never deleted
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  event_time timestamptz NOT NULL,
  outcome varchar(16) NOT NULL,
  received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE UNIQUE INDEX idx_webhook_events_message ON vault.webhook_events (message_id);

-- The handler refuses what lies more than 5 minutes ahead; one that doesn't must not set a time that is never passed.
CREATE FUNCTION vault.require_event_time(p_event_time timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT isfinite(p_event_time) OR p_event_time > clock_timestamp() + interval '10 minutes' THEN
    RAISE EXCEPTION 'expected the time of an event that happened, got another' USING ERRCODE = '22023';
  END IF;
END
$$;

-- under the wallet's lock, where something is done after it
CREATE FUNCTION vault.delivery_seen(
  p_event_name text, p_wallet_id text, p_chain text, p_event_id text, p_message_id text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_own boolean;
BEGIN
  SELECT bool_and(e.event_name = p_event_name AND e.wallet_id = p_wallet_id AND e.chain = p_chain) INTO v_own
    FROM vault.webhook_events AS e WHERE e.event_id = p_event_id OR e.message_id = p_message_id;
  IF NOT v_own THEN
    RAISE EXCEPTION 'expected ids of one delivery, got those of another' USING ERRCODE = 'SV001';
  END IF;
  RETURN v_own IS NOT NULL;
END
$$;

-- the caller holds the wallet's lock, and has not seen it before
CREATE FUNCTION vault.remember_delivery(
  p_event_name text, p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_event_time timestamptz,
  p_outcome text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO vault.webhook_events (event_id, message_id, event_name, wallet_id, chain, event_time, outcome)
    VALUES (p_event_id, p_message_id, p_event_name, p_wallet_id, p_chain, p_event_time, p_outcome)
    ON CONFLICT DO NOTHING;
  -- came for another wallet meanwhile
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected ids of one delivery, got those of another' USING ERRCODE = 'SV001';
  END IF;
END
$$;

-- what the log says of why: which of Dynamic's events it was
CREATE FUNCTION vault.event_reason(p_event_id text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN pg_catalog.left('event ' || p_event_id, 200);

-- whether a delivery was accepted before: asked where its envelopes can't be opened (any more)
CREATE FUNCTION vault_api.delivery_seen(
  p_event_name text, p_wallet_id text, p_chain text, p_event_id text, p_message_id text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN vault.delivery_seen(p_event_name, p_wallet_id, p_chain, p_event_id, p_message_id);
END
$$;

-- sealed | outdated | duplicate
CREATE FUNCTION vault_api.receive_created(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_event_id text, p_message_id text,
  p_event_time timestamptz, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name constant text := 'wallet.delegation.created';
  v_wallet vault.wallets;
  v_newer boolean;
  v_outcome text;
BEGIN
  PERFORM vault.require(num_nulls(p_record_id, p_delegated_share, p_wallet_api_key, p_key_id, p_event_id, p_message_id,
    p_event_time));
  PERFORM vault.require_event_time(p_event_time);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  IF vault.delivery_seen(v_name, p_wallet_id, p_chain, p_event_id, p_message_id) THEN
    RETURN 'duplicate';
  END IF;
  -- superseded ones count too: a record sealed directly may have replaced one whose event's clock was ahead. Of two
  -- events of one time the greater id is the newer, in whatever order they come.
  v_newer := EXISTS (SELECT FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain
      AND (coalesce(s.event_time, s.created_at) > p_event_time
        OR coalesce(s.event_time, s.created_at) = p_event_time
          AND (s.event_id IS NULL OR s.event_id::text COLLATE "C" > p_event_id)));
  -- on equal times the revocation wins
  v_outcome := CASE WHEN v_newer OR coalesce(p_event_time <= v_wallet.revoked_until, false)
    THEN 'outdated' ELSE 'sealed' END;
  PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time, v_outcome);
  IF v_outcome = 'outdated' THEN
    RETURN v_outcome;
  END IF;

  UPDATE vault.delegated_shares AS s SET superseded_at = clock_timestamp(), superseded_by = p_record_id
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  INSERT INTO vault.delegated_shares (id, user_id, wallet_id, chain, encrypted_delegated_share,
      encrypted_wallet_api_key, encryption_key_id, public_key, share_set_id, event_id, message_id, event_time)
    VALUES (p_record_id, p_user_id, p_wallet_id, p_chain, p_delegated_share,
      p_wallet_api_key, p_key_id, p_public_key, p_share_set_id, p_event_id, p_message_id, p_event_time);
  UPDATE vault.wallets AS w SET revoked_at = NULL
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain AND w.revoked_at IS NOT NULL;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'seal', 'sealed', 'dynamic:webhook', p_request_id, p_record_id,
    vault.event_reason(p_event_id));
  PERFORM vault.destroy_superseded(p_wallet_id, p_chain);
  RETURN v_outcome;
END
$$;

-- revoked | outdated | duplicate; outdated too where older records were destroyed and a newer one stands. Server key
-- shares are none of Dynamic's to revoke.
CREATE FUNCTION vault_api.receive_revoked(
  p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_event_time timestamptz, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name constant text := 'wallet.delegation.revoked';
  v_wallet vault.wallets;
  v_destroyed bigint;
  v_logged text;
BEGIN
  PERFORM vault.require(num_nulls(p_event_id, p_message_id, p_event_time));
  PERFORM vault.require_event_time(p_event_time);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  IF vault.delivery_seen(v_name, p_wallet_id, p_chain, p_event_id, p_message_id) THEN
    RETURN 'duplicate';
  END IF;
  IF p_event_time <= v_wallet.revoked_until THEN
    PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time, 'outdated');
    RETURN 'outdated';
  END IF;

  -- what was sealed directly has no event time, and whether this event meant it can't be told: it goes
  DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain
    AND (s.event_time IS NULL OR s.event_time <= p_event_time);
  GET DIAGNOSTICS v_destroyed = ROW_COUNT;
  -- what is left is newer: where the one that had replaced it was sealed directly and went, it stands again
  UPDATE vault.delegated_shares AS s SET superseded_at = NULL, superseded_by = NULL
    WHERE s.id = (SELECT n.id FROM vault.delegated_shares AS n WHERE n.wallet_id = p_wallet_id AND n.chain = p_chain
        ORDER BY n.event_time DESC, n.event_id::text COLLATE "C" DESC LIMIT 1)
      AND NOT EXISTS (SELECT FROM vault.delegated_shares AS l
        WHERE l.wallet_id = p_wallet_id AND l.chain = p_chain AND l.superseded_at IS NULL);
  UPDATE vault.wallets AS w SET revoked_until = p_event_time
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  IF EXISTS (SELECT FROM vault.delegated_shares AS s
      WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL) THEN
    PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time, 'outdated');
    IF v_destroyed > 0 THEN
      PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke', 'superseded-destroyed', 'dynamic:webhook', p_request_id,
        NULL, vault.event_reason(p_event_id));
    END IF;
    RETURN 'outdated';
  END IF;

  UPDATE vault.wallets AS w SET revoked_at = coalesce(w.revoked_at, clock_timestamp())
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  PERFORM vault.remember_delivery(v_name, p_wallet_id, p_chain, p_event_id, p_message_id, p_event_time, 'revoked');
  v_logged := CASE WHEN v_wallet.revoked_at IS NULL THEN 'revoked' ELSE 'already-revoked' END;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke', v_logged, 'dynamic:webhook', p_request_id, NULL,
    vault.event_reason(p_event_id));
  RETURN 'revoked';
END
$$;

-- as before, and moves revoked_until past all that was delivered up to now
CREATE OR REPLACE FUNCTION vault_api.revoke(
  p_wallet_id text, p_chain text, p_reason text, p_actor text, p_request_id text,
  OUT destroyed bigint, OUT revoked_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_now timestamptz;
  v_newest timestamptz;
BEGIN
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  v_now := clock_timestamp();
  revoked_at := coalesce(v_wallet.revoked_at, v_now);
  WITH shares AS (
    DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain
      RETURNING s.event_time
  ), key_shares AS (
    DELETE FROM vault.server_key_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  )
  SELECT (SELECT count(*) FROM shares) + (SELECT count(*) FROM key_shares), (SELECT max(event_time) FROM shares)
    INTO destroyed, v_newest;
  -- an event's clock may be ahead of this one
  UPDATE vault.wallets AS w
    SET revoked_at = revoke.revoked_at, revoked_until = greatest(v_now, v_newest, w.revoked_until)
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke',
    CASE WHEN v_wallet.revoked_at IS NULL THEN 'revoked' ELSE 'already-revoked' END,
    p_actor, p_request_id, NULL, p_reason);
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.delivery_seen TO vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.receive_created TO vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.receive_revoked TO vault_receiver;
`;
