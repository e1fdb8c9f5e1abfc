/** Storing a delegated share. What is refused is rolled back whole: it leaves no row of any kind. */
export const SEAL = String.raw`
-- superseded records stay sealed for 30 days, in case a seal was wrong, and are destroyed then
CREATE FUNCTION vault.destroy_superseded(p_wallet_id text, p_chain text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before constant timestamptz := clock_timestamp() - interval '30 days';
  v_destroyed bigint;
BEGIN
  WITH shares AS (
    DELETE FROM vault.delegated_shares AS s
      WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at < v_before RETURNING s.id
  ), key_shares AS (
    DELETE FROM vault.server_key_shares AS s
      WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at < v_before RETURNING s.id
  ), destroyed AS (
    SELECT id FROM shares UNION ALL SELECT id FROM key_shares
  ), transports AS (
    DELETE FROM vault.seal_transports AS t USING destroyed AS d WHERE t.record_id = d.id
  )
  SELECT count(*) INTO v_destroyed FROM destroyed;
  RETURN v_destroyed;
END
$$;

-- a version of its own only where they changed
CREATE FUNCTION vault.keep_properties(p_wallet vault.wallets, p_properties text, p_sha256 bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_version constant bigint := coalesce(p_wallet.properties_version, 0) + 1;
BEGIN
  IF sha256(convert_to(p_properties, 'UTF8')) IS DISTINCT FROM p_sha256 THEN
    RAISE EXCEPTION 'expected the digest of the wallet properties, got another' USING ERRCODE = '22023';
  END IF;
  IF p_wallet.properties_sha256 IS NOT DISTINCT FROM p_sha256 THEN
    RETURN;
  END IF;
  INSERT INTO vault.wallet_properties (wallet_id, chain, version, properties, sha256)
    VALUES (p_wallet.wallet_id, p_wallet.chain, v_version, p_properties, p_sha256);
  UPDATE vault.wallets AS w SET properties_version = v_version, properties_sha256 = p_sha256
    WHERE w.wallet_id = p_wallet.wallet_id AND w.chain = p_wallet.chain;
END
$$;

CREATE FUNCTION vault_api.seal_delegated_share(
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
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  -- only a newer event of Dynamic's may undo a revocation; a captured transport must not
  IF v_wallet.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'expected a wallet that stands, got a revoked one' USING ERRCODE = 'SV002';
  END IF;

  SELECT array_agg(DISTINCT t.record_id), count(*) INTO v_earlier, v_seen
    FROM vault.seal_transports AS t WHERE t.jti = ANY (p_transport_ids);
  IF v_seen > 0 THEN
    -- another try of the same request, after its answer was lost
    SELECT s.id, s.encryption_key_id, s.created_at INTO record_id, key_id, created_at
      FROM vault.delegated_shares AS s
      WHERE s.id = v_earlier[1] AND s.wallet_id = p_wallet_id AND s.chain = p_chain
        AND cardinality(v_earlier) = 1 AND v_seen = cardinality(p_transport_ids);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'expected transports of one request, got one seen before' USING ERRCODE = 'SV001';
    END IF;
    SELECT s.id INTO superseded_record_id FROM vault.delegated_shares AS s
      WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_by = v_earlier[1];
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
      encrypted_wallet_api_key, encryption_key_id, public_key, share_set_id, properties_sha256)
    VALUES (p_record_id, p_user_id, p_wallet_id, p_chain, p_delegated_share,
      p_wallet_api_key, p_key_id, p_public_key, p_share_set_id, p_properties_sha256)
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

GRANT EXECUTE ON FUNCTION vault_api.seal_delegated_share TO vault_sealer;
`;
