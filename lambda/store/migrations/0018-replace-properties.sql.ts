/** Wallet properties: replaced by version, never without their backup information by accident. */
export const REPLACE_PROPERTIES = String.raw`
ALTER DOMAIN vault.properties DROP CONSTRAINT properties;
ALTER DOMAIN vault.properties ADD CONSTRAINT properties CHECK (pg_catalog.octet_length(VALUE) <= 262144);

-- Whether properties hold backup information, as lambda/requests/backup-info.ts decides it. For texts that no handler has
-- read; p_otherwise is the result for those that PostgreSQL can't read.
CREATE FUNCTION vault.has_backup_info(p_properties text, p_otherwise boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_properties jsonb;
BEGIN
  v_properties := ltrim(p_properties, chr(65279));
  -- NULL if the member is missing
  RETURN coalesce(jsonb_path_exists(v_properties, 'strict $.externalServerKeySharesBackupInfo.**
      ? ((@.type() == "string" && @ != "") || @.type() == "number")', '{}', true), false)
    OR coalesce(jsonb_path_exists(v_properties, 'strict $.external_server_key_shares_backup_info.**
      ? ((@.type() == "string" && @ != "") || @.type() == "number")', '{}', true), false);
EXCEPTION WHEN OTHERS THEN
  RETURN p_otherwise;
END
$$;

ALTER TABLE vault.wallet_properties ADD COLUMN has_backup_info boolean NOT NULL DEFAULT false;
UPDATE vault.wallet_properties SET has_backup_info = vault.has_backup_info(properties,
  properties ~ '"(externalServerKeySharesBackupInfo|external_server_key_shares_backup_info)"');

-- The caller holds the wallet's lock. The text that is stored already gets no version of its own, whatever was expected:
-- it is the retry of a write whose response was lost. Of older versions are kept the newest 10 in all, those that a record
-- was sealed under, and the newest with backup information.
CREATE FUNCTION vault.put_properties(
  p_wallet vault.wallets, p_properties text, p_sha256 bytea, p_has_backup_info boolean, p_expected_version bigint,
  p_force boolean, p_keep_backup_info boolean, OUT version bigint, OUT created_at timestamptz, OUT was_forced boolean
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_standing constant bigint := coalesce(p_wallet.properties_version, 0);
  v_has_backup_info boolean;
BEGIN
  was_forced := false;
  PERFORM vault.require(num_nulls(p_properties, p_has_backup_info));
  IF sha256(convert_to(p_properties, 'UTF8')) IS DISTINCT FROM p_sha256 THEN
    RAISE EXCEPTION 'expected the digest of the wallet properties, got another' USING ERRCODE = '22023';
  END IF;
  IF p_wallet.properties_sha256 = p_sha256 THEN
    SELECT p.version, p.created_at INTO version, created_at FROM vault.wallet_properties AS p
      WHERE p.wallet_id = p_wallet.wallet_id AND p.chain = p_wallet.chain AND p.version = v_standing;
    RETURN;
  END IF;
  IF v_standing <> coalesce(p_expected_version, 0) THEN
    RAISE EXCEPTION 'expected wallet properties of version %, got version %', coalesce(p_expected_version, 0), v_standing
      USING ERRCODE = 'SV005';
  END IF;
  v_has_backup_info := EXISTS (
    SELECT FROM vault.wallet_properties AS p WHERE p.wallet_id = p_wallet.wallet_id AND p.chain = p_wallet.chain
      AND p.version = v_standing AND p.has_backup_info);
  IF v_has_backup_info AND p_keep_backup_info THEN
    RAISE EXCEPTION 'expected a writer of server key shares for version %, which has backup information, got another',
      v_standing USING ERRCODE = 'SV006';
  END IF;
  was_forced := v_has_backup_info AND NOT p_has_backup_info;
  IF was_forced AND p_force IS NOT TRUE THEN
    RAISE EXCEPTION 'expected the backup information that version % has, got properties without it', v_standing
      USING ERRCODE = 'SV006';
  END IF;
  INSERT INTO vault.wallet_properties AS p (wallet_id, chain, version, properties, sha256, has_backup_info)
    VALUES (p_wallet.wallet_id, p_wallet.chain, v_standing + 1, p_properties, p_sha256, p_has_backup_info)
    RETURNING p.version, p.created_at INTO version, created_at;
  UPDATE vault.wallets AS w SET properties_version = v_standing + 1, properties_sha256 = p_sha256
    WHERE w.wallet_id = p_wallet.wallet_id AND w.chain = p_wallet.chain;
  DELETE FROM vault.wallet_properties AS p
    WHERE p.wallet_id = p_wallet.wallet_id AND p.chain = p_wallet.chain AND p.version <= v_standing - 9
      AND NOT EXISTS (SELECT FROM vault.delegated_shares AS s
        WHERE s.wallet_id = p.wallet_id AND s.chain = p.chain AND s.properties_sha256 = p.sha256)
      AND NOT EXISTS (SELECT FROM vault.server_key_shares AS s
        WHERE s.wallet_id = p.wallet_id AND s.chain = p.chain AND s.properties_sha256 = p.sha256)
      AND p.version IS DISTINCT FROM (SELECT max(b.version) FROM vault.wallet_properties AS b
        WHERE b.wallet_id = p.wallet_id AND b.chain = p.chain AND b.has_backup_info);
END
$$;

-- for handlers of the release before, which name no version
CREATE OR REPLACE FUNCTION vault.keep_properties(p_wallet vault.wallets, p_properties text, p_sha256 bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.put_properties(p_wallet, p_properties, p_sha256, vault.has_backup_info(p_properties, false),
    p_wallet.properties_version, false, false);
END
$$;

CREATE FUNCTION vault_api.replace_properties(
  p_wallet_id text, p_chain text, p_properties text, p_sha256 bytea, p_has_backup_info boolean, p_expected_version bigint,
  p_force boolean, p_actor text, p_request_id text, OUT version bigint, OUT created_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_was_forced boolean;
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain));
  SELECT w.* INTO v_wallet FROM vault.wallets AS w
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain FOR NO KEY UPDATE;
  -- a mistyped name makes no wallet
  IF NOT FOUND OR NOT vault.is_known(v_wallet) THEN
    RAISE EXCEPTION 'expected a wallet that was sealed before, got an unknown one' USING ERRCODE = 'SV007';
  END IF;
  IF v_wallet.server_key_shares_revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'expected a wallet that was not revoked, got a revoked one' USING ERRCODE = 'SV002';
  END IF;
  SELECT p.version, p.created_at, p.was_forced INTO version, created_at, v_was_forced
    FROM vault.put_properties(v_wallet, p_properties, p_sha256, p_has_backup_info, p_expected_version, p_force, false) AS p;
  IF version IS DISTINCT FROM v_wallet.properties_version THEN
    PERFORM vault.append_log(p_wallet_id, p_chain, 'seal',
      CASE WHEN v_was_forced THEN 'properties-forced' ELSE 'properties-replaced' END, p_actor, p_request_id, NULL,
      'version ' || version);
  END IF;
END
$$;

-- As read_properties; without the text if the caller has it.
CREATE FUNCTION vault_api.read_properties_unless(
  p_wallet_id text, p_chain text, p_version bigint, p_sha256 bytea
) RETURNS TABLE (version bigint, properties text, sha256 bytea, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.version, CASE WHEN p.sha256 IS DISTINCT FROM p_sha256 THEN p.properties END, p.sha256, p.created_at
    FROM vault.wallet_properties AS p
    WHERE p.wallet_id = p_wallet_id AND p.chain = p_chain AND (p_version IS NULL OR p.version = p_version)
    ORDER BY p.version DESC LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION vault_api.replace_properties TO vault_sealer;
GRANT EXECUTE ON FUNCTION vault_api.read_properties_unless TO vault_reader;
`;
