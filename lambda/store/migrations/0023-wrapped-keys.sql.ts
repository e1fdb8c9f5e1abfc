/**
 * A record remembers to which keys its materials are wrapped. The database reads it from the messages: no function can
 * state another.
 */
export const WRAPPED_KEYS = String.raw`
-- The keys that a message's header names, each as its provider id, a blank and its provider info; other bytes than
-- printable ASCII as escapes. NULL for anything that is no message of the vault's format (docs/message-format.md). Never
-- raises: a record is stored whatever its bytes are.
CREATE FUNCTION vault.wrapped_keys(p_message bytea) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  -- no header is longer; of a stored message, only these bytes are read
  v_header constant bytea := pg_catalog.substring(p_message, 1, 65536);
  v_length constant integer := pg_catalog.octet_length(v_header);
  -- behind version, suite and message id
  v_at integer := 35;
  v_size integer;
  v_field text;
  v_name text;
  v_names text[] := '{}';
BEGIN
  IF v_length < 39 OR pg_catalog.substring(v_header, 1, 3) <> pg_catalog.decode('020478', 'hex') THEN
    RETURN NULL;
  END IF;
  v_at := v_at + 2 + pg_catalog.get_byte(v_header, v_at) * 256 + pg_catalog.get_byte(v_header, v_at + 1);
  IF v_at + 2 > v_length THEN
    RETURN NULL;
  END IF;
  v_size := pg_catalog.get_byte(v_header, v_at) * 256 + pg_catalog.get_byte(v_header, v_at + 1);
  v_at := v_at + 2;
  IF v_size NOT BETWEEN 1 AND 8 THEN
    RETURN NULL;
  END IF;
  FOR i IN 1 .. v_size LOOP
    v_name := NULL;
    FOR j IN 1 .. 3 LOOP
      IF v_at + 2 > v_length THEN
        RETURN NULL;
      END IF;
      v_size := pg_catalog.get_byte(v_header, v_at) * 256 + pg_catalog.get_byte(v_header, v_at + 1);
      v_at := v_at + 2 + v_size;
      IF v_at > v_length OR (j < 3 AND v_size > 2048) THEN
        RETURN NULL;
      END IF;
      IF j < 3 THEN
        v_field := pg_catalog.encode(pg_catalog.substring(v_header, v_at - v_size + 1, v_size), 'escape');
        -- a line break or a blank in a name would look like two
        IF v_field ~ '[\u0001-\u001f\u007f]' OR (j = 1 AND v_field ~ ' ') THEN
          RETURN NULL;
        END IF;
        v_name := pg_catalog.concat_ws(' ', v_name, v_field);
      END IF;
    END LOOP;
    v_names := v_names || v_name;
  END LOOP;
  -- framed
  IF v_at >= v_length OR pg_catalog.get_byte(v_header, v_at) <> 2 THEN
    RETURN NULL;
  END IF;
  RETURN v_names;
END
$$;

-- The keys that can open both materials of a record.
CREATE FUNCTION vault.wrapped_keys_of_both(p_one bytea, p_other bytea) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v_one constant text[] := vault.wrapped_keys(p_one);
  v_other constant text[] := vault.wrapped_keys(p_other);
BEGIN
  IF v_one = v_other THEN
    RETURN v_one;
  END IF;
  IF v_one IS NULL OR v_other IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(SELECT k.name FROM pg_catalog.unnest(v_one) WITH ORDINALITY AS k (name, place)
    WHERE k.name = ANY (v_other) ORDER BY k.place);
END
$$;

-- NULL: stored before this release, or unknown
ALTER TABLE vault.delegated_shares ADD COLUMN wrapped_keys text[];
ALTER TABLE vault.server_key_shares ADD COLUMN wrapped_keys text[];

CREATE FUNCTION vault.remember_wrapped_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'delegated_shares' THEN
    NEW.wrapped_keys := vault.wrapped_keys_of_both(NEW.encrypted_delegated_share, NEW.encrypted_wallet_api_key);
  ELSE
    NEW.wrapped_keys := vault.wrapped_keys(NEW.encrypted_server_key_shares);
  END IF;
  RETURN NEW;
END
$$;
-- of every writer, handlers of former releases included
CREATE TRIGGER remember_wrapped_keys
  BEFORE INSERT OR UPDATE OF encrypted_delegated_share, encrypted_wallet_api_key, wrapped_keys
  ON vault.delegated_shares FOR EACH ROW EXECUTE FUNCTION vault.remember_wrapped_keys();
CREATE TRIGGER remember_wrapped_keys
  BEFORE INSERT OR UPDATE OF encrypted_server_key_shares, wrapped_keys
  ON vault.server_key_shares FOR EACH ROW EXECUTE FUNCTION vault.remember_wrapped_keys();

-- as records_of, with the keys; those of records of former releases are read from their messages
CREATE FUNCTION vault_api.records_and_keys(p_wallet_id text, p_chain text) RETURNS TABLE (
  revoked_at timestamptz, server_key_shares_revoked_at timestamptz, record_id uuid, kind text, user_id text,
  public_key text, share_set_id text, key_id text, algorithm text, created_at timestamptz, last_accessed_at timestamptz,
  access_count bigint, superseded_at timestamptz, wrapped_keys text[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.*, coalesce(
      d.wrapped_keys, vault.wrapped_keys_of_both(d.encrypted_delegated_share, d.encrypted_wallet_api_key),
      s.wrapped_keys, vault.wrapped_keys(s.encrypted_server_key_shares))
    FROM vault_api.records_of(p_wallet_id, p_chain) AS r
    LEFT JOIN vault.delegated_shares AS d ON d.id = r.record_id
    LEFT JOIN vault.server_key_shares AS s ON s.id = r.record_id
    ORDER BY r.created_at, r.record_id
$$;

GRANT EXECUTE ON FUNCTION vault_api.records_and_keys TO vault_auditor;
`;
