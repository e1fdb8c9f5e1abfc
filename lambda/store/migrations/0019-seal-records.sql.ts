/** Sealing of both kinds, up to 100 records in one call. What is refused leaves no row of any kind; the others stay. */

export interface KindOfRecord {
  readonly kind: string;
  readonly table: string;
  /** the sealed columns, and the parameter's members with their values */
  readonly columns: string;
  readonly members: string;
  /** the column of its wallet's tombstone */
  readonly revokedAt: string;
  /** a column for the order among deliveries, and its value */
  readonly order?: readonly [column: string, value: string];
}

export const DELEGATED_SHARE: KindOfRecord = {
  kind: 'delegated_share',
  table: 'vault.delegated_shares',
  columns: 'encrypted_delegated_share, encrypted_wallet_api_key',
  members: 'p.delegated_share, p.wallet_api_key',
  revokedAt: 'revoked_at',
  order: ['order_ns', 'v_wallet.newest_event_ns'],
};
export const SERVER_KEY_SHARES: KindOfRecord = {
  kind: 'server_key_shares',
  table: 'vault.server_key_shares',
  columns: 'encrypted_server_key_shares',
  members: 'p.server_key_shares',
  revokedAt: 'server_key_shares_revoked_at',
};

/** The function that stores a record of a kind, whose columns and members may be more than these. */
export const storeOf = ({ kind, table, columns, members, revokedAt, order }: KindOfRecord): string => String.raw`
CREATE FUNCTION vault.store_${kind}(
  p vault.new_record, p_actor text, p_request_id text,
  OUT record_id uuid, OUT key_id text, OUT created_at timestamptz, OUT superseded_record_id uuid
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_earlier uuid[];
  v_seen bigint;
  v_new bigint;
  v_live uuid;
  v_version bigint;
  v_was_forced boolean;
BEGIN
  PERFORM vault.require(num_nulls(p.record_id, p.key_id, ${members})
    + num_nulls(VARIADIC CASE WHEN cardinality(p.transport_ids) > 0 THEN p.transport_ids ELSE ARRAY[NULL] END));
  PERFORM vault.require_ids(p.user_id, p.public_key, p.share_set_id, p.key_id);
  PERFORM vault.require_transports(p.transport_ids);
  v_wallet := vault.lock_wallet(p.wallet_id, p.chain);
  -- a captured transport must not undo a revocation
  IF v_wallet.${revokedAt} IS NOT NULL THEN
    RAISE EXCEPTION 'expected a wallet that was not revoked, got a revoked one' USING ERRCODE = 'SV002';
  END IF;

  SELECT array_agg(DISTINCT t.record_id), count(*) INTO v_earlier, v_seen
    FROM vault.seal_transports AS t WHERE t.jti = ANY (p.transport_ids);
  IF v_seen > 0 THEN
    -- a retry of the same request, after its response was lost: the same in every member, not only in its transports
    SELECT s.id, s.encryption_key_id, s.created_at, s.supersedes INTO record_id, key_id, created_at, superseded_record_id
      FROM ${table} AS s
      WHERE s.id = v_earlier[1] AND s.wallet_id = p.wallet_id AND s.chain = p.chain
        AND cardinality(v_earlier) = 1 AND v_seen = cardinality(p.transport_ids)
        AND v_seen = (SELECT count(*) FROM vault.seal_transports AS t WHERE t.record_id = v_earlier[1])
        AND s.user_id IS NOT DISTINCT FROM p.user_id
        AND s.public_key IS NOT DISTINCT FROM p.public_key
        AND s.share_set_id IS NOT DISTINCT FROM p.share_set_id
        AND s.properties_sha256 IS NOT DISTINCT FROM p.properties_sha256
        AND s.supersedes IS NOT DISTINCT FROM p.supersedes;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'expected transports of one request, got one seen before' USING ERRCODE = 'SV001';
    END IF;
    RETURN;
  END IF;

  SELECT s.id INTO v_live FROM ${table} AS s
    WHERE s.wallet_id = p.wallet_id AND s.chain = p.chain AND s.superseded_at IS NULL;
  IF v_live IS DISTINCT FROM p.supersedes THEN
    RAISE EXCEPTION 'expected supersedes to be the live record, got another or none' USING ERRCODE = 'SV001';
  END IF;
  UPDATE ${table} AS s SET superseded_at = clock_timestamp(), superseded_by = p.record_id WHERE s.id = v_live;
  INSERT INTO ${table} AS s (id, user_id, wallet_id, chain, ${columns}, encryption_key_id, public_key, share_set_id,
      properties_sha256, supersedes${order ? `, ${order[0]}` : ''})
    VALUES (p.record_id, p.user_id, p.wallet_id, p.chain, ${members}, p.key_id, p.public_key, p.share_set_id,
      p.properties_sha256, v_live${order ? `, ${order[1]}` : ''})
    RETURNING s.id, s.encryption_key_id, s.created_at INTO record_id, key_id, created_at;

  INSERT INTO vault.seal_transports (jti, record_id)
    SELECT jti, p.record_id FROM unnest(p.transport_ids) AS jti ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_new = ROW_COUNT;
  -- sealed elsewhere meanwhile
  IF v_new <> cardinality(p.transport_ids) THEN
    RAISE EXCEPTION 'expected transports of one request, got one seen before' USING ERRCODE = 'SV001';
  END IF;

  IF p.wallet_properties IS NOT NULL THEN
    SELECT w.version, w.was_forced INTO v_version, v_was_forced
      FROM vault.put_properties(v_wallet, p.wallet_properties, p.properties_sha256, p.has_backup_info,
        p.expected_version, p.force, p.keep_backup_info) AS w;
  END IF;
  PERFORM vault.append_log(p.wallet_id, p.chain, 'seal', 'sealed', p_actor, p_request_id, p.record_id, NULL);
  IF v_was_forced THEN
    PERFORM vault.append_log(p.wallet_id, p.chain, 'seal', 'properties-forced', p_actor, p_request_id, p.record_id,
      'version ' || v_version);
  END IF;
  PERFORM vault.destroy_superseded(p.wallet_id, p.chain);
  superseded_record_id := v_live;
END
$$;
`;

export const SEAL_RECORDS = String.raw`
-- a later release may add attributes: what a handler omits is NULL
CREATE TYPE vault.new_record AS (
  kind text, record_id uuid, wallet_id text, chain text, user_id text, public_key text, share_set_id text,
  properties_sha256 bytea, delegated_share bytea, wallet_api_key bytea, server_key_shares bytea, key_id text,
  transport_ids text[], supersedes uuid, wallet_properties text, has_backup_info boolean, expected_version bigint,
  force boolean, keep_backup_info boolean
);
${storeOf(DELEGATED_SHARE)}${storeOf(SERVER_KEY_SHARES)}
-- A list of results in the records' order: a stored record, or the code and problem of the one that was refused. Any
-- other error refuses all. Wallets are locked in the order of their names.
CREATE FUNCTION vault_api.seal_records(p_records json, p_actor text, p_request_id text) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_item record;
  v_results json[];
BEGIN
  IF (json_array_length(p_records) BETWEEN 1 AND 100) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 100 records, got more or none' USING ERRCODE = '22023';
  END IF;
  v_results := array_fill(NULL::json, ARRAY[json_array_length(p_records)]);
  FOR v_item IN
    SELECT i.number, json_populate_record(NULL::vault.new_record, i.value) AS record
      FROM json_array_elements(p_records) WITH ORDINALITY AS i (value, number)
      ORDER BY i.value ->> 'wallet_id' COLLATE "C", i.value ->> 'chain' COLLATE "C", i.number
  LOOP
    BEGIN
      CASE (v_item.record).kind
        WHEN 'delegated-share' THEN
          v_results[v_item.number] := (
            SELECT row_to_json(r) FROM vault.store_delegated_share(v_item.record, p_actor, p_request_id) AS r);
        WHEN 'server-key-shares' THEN
          v_results[v_item.number] := (
            SELECT row_to_json(r) FROM vault.store_server_key_shares(v_item.record, p_actor, p_request_id) AS r);
        ELSE
          RAISE EXCEPTION 'expected a kind of record, got another' USING ERRCODE = '22023';
      END CASE;
    EXCEPTION WHEN SQLSTATE 'SV001' OR SQLSTATE 'SV002' OR SQLSTATE 'SV005' OR SQLSTATE 'SV006' THEN
      v_results[v_item.number] := json_build_object('code', SQLSTATE, 'problem', SQLERRM);
    END;
  END LOOP;
  RETURN array_to_json(v_results);
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.seal_records TO vault_sealer;
`;
