import { DELEGATED_SHARE, type KindOfRecord, SERVER_KEY_SHARES, storeOf } from './0019-seal-records.sql';

/** A record remembers KMS's id of the key material that wrapped its data keys. The vault counts its records by it. */

const COLUMN = 'key_material_id';
const MEMBER = 'vault.material_id(p.key_material_id)';

function withMaterial(kind: KindOfRecord): string {
  const more = { columns: `${kind.columns}, ${COLUMN}`, members: `${kind.members}, ${MEMBER}` };
  return storeOf({ ...kind, ...more }).replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
}

export const MATERIALS = String.raw`
-- 64 hexadecimal digits; '' where it is unknown: of records of former releases, and where the data keys of one record have
-- two. A domain with a constraint would rewrite the tables.
ALTER TABLE vault.delegated_shares ADD COLUMN key_material_id varchar(64) NOT NULL DEFAULT '';
ALTER TABLE vault.server_key_shares ADD COLUMN key_material_id varchar(64) NOT NULL DEFAULT '';
ALTER TYPE vault.new_record ADD ATTRIBUTE key_material_id text;

CREATE FUNCTION vault.material_id(p_id text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- what handlers of former releases leave out
  IF p_id IS NULL THEN
    RETURN '';
  END IF;
  IF p_id !~ '^([0-9a-f]{64})?$' THEN
    RAISE EXCEPTION 'expected an id of key material, got something else' USING ERRCODE = '22023';
  END IF;
  RETURN p_id;
END
$$;
${withMaterial(DELEGATED_SHARE)}${withMaterial(SERVER_KEY_SHARES)}
-- as accept_created, with the material
CREATE FUNCTION vault_api.accept_created_record(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_event_id text, p_message_id text,
  p_event_time_ns bigint, p_request_id text, p_key_material_id text
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
      encrypted_wallet_api_key, encryption_key_id, key_material_id, public_key, share_set_id, event_id, message_id,
      order_ns, supersedes)
    VALUES (p_record_id, p_user_id, p_wallet_id, p_chain, p_delegated_share,
      p_wallet_api_key, p_key_id, vault.material_id(p_key_material_id), p_public_key, p_share_set_id, p_event_id,
      p_message_id, p_event_time_ns, v_live.id);
  UPDATE vault.wallets AS w SET revoked_at = NULL
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain AND w.revoked_at IS NOT NULL;
  PERFORM vault.append_log(p_wallet_id, p_chain, 'seal', 'sealed', 'dynamic:webhook', p_request_id, p_record_id,
    vault.event_reason(p_event_id));
  PERFORM vault.destroy_superseded(p_wallet_id, p_chain);
  RETURN v_outcome;
END
$$;
GRANT EXECUTE ON FUNCTION vault_api.accept_created_record TO vault_receiver;

-- for handlers of the release before
CREATE OR REPLACE FUNCTION vault_api.accept_created(
  p_record_id uuid, p_wallet_id text, p_chain text, p_user_id text, p_public_key text, p_share_set_id text,
  p_delegated_share bytea, p_wallet_api_key bytea, p_key_id text, p_event_id text, p_message_id text,
  p_event_time_ns bigint, p_request_id text
) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT vault_api.accept_created_record(p_record_id, p_wallet_id, p_chain, p_user_id, p_public_key, p_share_set_id,
    p_delegated_share, p_wallet_api_key, p_key_id, p_event_id, p_message_id, p_event_time_ns, p_request_id, '')
$$;

-- as records_and_keys, with the material
CREATE FUNCTION vault_api.records_and_materials(p_wallet_id text, p_chain text) RETURNS TABLE (
  revoked_at timestamptz, server_key_shares_revoked_at timestamptz, record_id uuid, kind text, user_id text,
  public_key text, share_set_id text, key_id text, algorithm text, created_at timestamptz, last_accessed_at timestamptz,
  access_count bigint, superseded_at timestamptz, wrapped_keys text[], key_material_id text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.*, nullif(coalesce(d.key_material_id, s.key_material_id), '')
    FROM vault_api.records_and_keys(p_wallet_id, p_chain) AS r
    LEFT JOIN vault.delegated_shares AS d ON d.id = r.record_id
    LEFT JOIN vault.server_key_shares AS s ON s.id = r.record_id
    ORDER BY r.created_at, r.record_id
$$;

-- The records by kind, key and material, superseded ones included: until they are destroyed they need their key too. Read
-- from the index; only superseded ones are looked up.
CREATE FUNCTION vault_api.census() RETURNS TABLE (
  kind text, key_id text, key_material_id text, records bigint, superseded bigint, oldest timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH counted AS (
    SELECT 'delegated-share' AS kind, s.encryption_key_id AS key_id, s.key_material_id, count(*) AS records,
        min(s.created_at) AS oldest
      FROM vault.delegated_shares AS s GROUP BY s.encryption_key_id, s.key_material_id
    UNION ALL
    SELECT 'server-key-shares', s.encryption_key_id, s.key_material_id, count(*), min(s.created_at)
      FROM vault.server_key_shares AS s GROUP BY s.encryption_key_id, s.key_material_id
  ), replaced AS (
    SELECT 'delegated-share' AS kind, s.encryption_key_id AS key_id, s.key_material_id, count(*) AS records
      FROM vault.delegated_shares AS s WHERE s.superseded_at IS NOT NULL
      GROUP BY s.encryption_key_id, s.key_material_id
    UNION ALL
    SELECT 'server-key-shares', s.encryption_key_id, s.key_material_id, count(*)
      FROM vault.server_key_shares AS s WHERE s.superseded_at IS NOT NULL
      GROUP BY s.encryption_key_id, s.key_material_id
  )
  SELECT c.kind, c.key_id, c.key_material_id, c.records, coalesce(r.records, 0), c.oldest
    FROM counted AS c LEFT JOIN replaced AS r USING (kind, key_id, key_material_id)
    ORDER BY c.kind, c.key_id, c.oldest
$$;

GRANT EXECUTE ON FUNCTION vault_api.records_and_materials TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.census TO vault_auditor;
`;
