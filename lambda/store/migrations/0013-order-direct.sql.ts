/** Direct seals and revocations in the order that 0013-order defines, and the receiver's functions of releases before it. */
export const ORDER_DIRECT = String.raw`
CREATE OR REPLACE FUNCTION vault_api.seal_delegated_share(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_properties_sha256 bytea, p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_transport_ids text[],
  p_supersedes uuid, p_wallet_properties text, p_actor text, p_request_id text,
  OUT record_id uuid, OUT key_id text, OUT created_at timestamptz, OUT superseded_record_id uuid
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_earlier uuid[];
  v_seen bigint;
  v_new bigint;
  v_live uuid;
BEGIN
  PERFORM vault.require(num_nulls(p_record_id, p_delegated_share, p_wallet_api_key, p_key_id)
    + num_nulls(VARIADIC CASE WHEN cardinality(p_transport_ids) > 0 THEN p_transport_ids ELSE ARRAY[NULL] END));
  PERFORM vault.require_ids(p_user_id, p_public_key, p_share_set_id, p_key_id);
  PERFORM vault.require_transports(p_transport_ids);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  -- only a newer event of Dynamic's may undo a revocation; a captured transport must not
  IF v_wallet.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'expected a wallet that stands, got a revoked one' USING ERRCODE = 'SV002';
  END IF;

  SELECT array_agg(DISTINCT t.record_id), count(*) INTO v_earlier, v_seen
    FROM vault.seal_transports AS t WHERE t.jti = ANY (p_transport_ids);
  IF v_seen > 0 THEN
    -- another try of the same request, after its answer was lost: the same in every member, not only in its transports
    SELECT s.id, s.encryption_key_id, s.created_at, s.supersedes INTO record_id, key_id, created_at, superseded_record_id
      FROM vault.delegated_shares AS s
      WHERE s.id = v_earlier[1] AND s.wallet_id = p_wallet_id AND s.chain = p_chain
        AND cardinality(v_earlier) = 1 AND v_seen = cardinality(p_transport_ids)
        AND v_seen = (SELECT count(*) FROM vault.seal_transports AS t WHERE t.record_id = v_earlier[1])
        AND s.user_id IS NOT DISTINCT FROM p_user_id
        AND s.public_key IS NOT DISTINCT FROM p_public_key
        AND s.share_set_id IS NOT DISTINCT FROM p_share_set_id
        AND s.properties_sha256 IS NOT DISTINCT FROM p_properties_sha256
        AND s.supersedes IS NOT DISTINCT FROM p_supersedes;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'expected transports of one request, got one seen before' USING ERRCODE = 'SV001';
    END IF;
    RETURN;
  END IF;

  SELECT s.id INTO v_live FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  IF v_live IS DISTINCT FROM p_supersedes THEN
    RAISE EXCEPTION 'expected supersedes to be the live record, got another or none' USING ERRCODE = 'SV001';
  END IF;
  UPDATE vault.delegated_shares AS s SET superseded_at = clock_timestamp(), superseded_by = p_record_id
    WHERE s.id = v_live;
  INSERT INTO vault.delegated_shares AS s (id, user_id, wallet_id, chain, encrypted_delegated_share,
      encrypted_wallet_api_key, encryption_key_id, public_key, share_set_id, properties_sha256, order_ns,
      supersedes)
    VALUES (p_record_id, p_user_id, p_wallet_id, p_chain, p_delegated_share,
      p_wallet_api_key, p_key_id, p_public_key, p_share_set_id, p_properties_sha256, v_wallet.newest_event_ns,
      v_live)
    RETURNING s.id, s.encryption_key_id, s.created_at INTO record_id, key_id, created_at;

  INSERT INTO vault.seal_transports (jti, record_id)
    SELECT jti, p_record_id FROM unnest(p_transport_ids) AS jti ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_new = ROW_COUNT;
  -- sealed elsewhere meanwhile
  IF v_new <> cardinality(p_transport_ids) THEN
    RAISE EXCEPTION 'expected transports of one request, got one seen before' USING ERRCODE = 'SV001';
  END IF;

  IF p_wallet_properties IS NOT NULL THEN
    PERFORM vault.keep_properties(v_wallet, p_wallet_properties, p_properties_sha256);
  END IF;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'seal', 'sealed', p_actor, p_request_id, p_record_id, NULL);
  PERFORM vault.destroy_superseded(p_wallet_id, p_chain);
  superseded_record_id := v_live;
END
$$;

-- as before; the newest delivery counts although its record may be gone
CREATE OR REPLACE FUNCTION vault_api.revoke(
  p_wallet_id text, p_chain text, p_reason text, p_actor text, p_request_id text,
  OUT destroyed bigint, OUT revoked_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_now timestamptz;
BEGIN
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  v_now := clock_timestamp();
  revoked_at := coalesce(v_wallet.revoked_at, v_now);
  WITH shares AS (
    DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  ), key_shares AS (
    DELETE FROM vault.server_key_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain RETURNING s.id
  )
  SELECT (SELECT count(*) FROM shares) + (SELECT count(*) FROM key_shares) INTO destroyed;
  -- an event's clock may be ahead of this one
  UPDATE vault.wallets AS w
    SET revoked_at = revoke.revoked_at,
      revoked_until_ns = greatest(vault.nanoseconds(v_now), w.newest_event_ns, w.revoked_until_ns)
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke',
    CASE WHEN v_wallet.revoked_at IS NULL THEN 'revoked' ELSE 'already-revoked' END,
    p_actor, p_request_id, NULL, p_reason);
END
$$;

-- for handlers of the release before, which send no more than microseconds and know fewer outcomes
CREATE OR REPLACE FUNCTION vault_api.receive_created(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_event_id text, p_message_id text,
  p_event_time timestamptz, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require_event_time(p_event_time);
  RETURN vault_api.accept_created(p_record_id, p_wallet_id, p_chain, p_user_id, p_public_key, p_share_set_id,
    p_delegated_share, p_wallet_api_key, p_key_id, p_event_id, p_message_id, vault.nanoseconds(p_event_time),
    p_request_id);
END
$$;

CREATE OR REPLACE FUNCTION vault_api.receive_revoked(
  p_wallet_id text, p_chain text, p_event_id text, p_message_id text, p_event_time timestamptz, p_request_id text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_outcome text;
BEGIN
  PERFORM vault.require_event_time(p_event_time);
  v_outcome := vault_api.accept_revoked(p_wallet_id, p_chain, p_event_id, p_message_id,
    vault.nanoseconds(p_event_time), p_request_id);
  RETURN CASE v_outcome WHEN 'superseded-destroyed' THEN 'outdated' ELSE v_outcome END;
END
$$;
`;
