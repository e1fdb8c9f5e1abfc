/** Reading wallet properties. They are not secret: a revoked wallet's may still be read. */
export const PROPERTIES = String.raw`
-- the version that is asked for, else the newest; no row where there is none
CREATE FUNCTION vault_api.read_properties(p_wallet_id text, p_chain text, p_version bigint) RETURNS TABLE (
  version bigint, properties text, sha256 bytea, created_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.version, p.properties, p.sha256, p.created_at FROM vault.wallet_properties AS p
    WHERE p.wallet_id = p_wallet_id AND p.chain = p_chain AND (p_version IS NULL OR p.version = p_version)
    ORDER BY p.version DESC LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION vault_api.read_properties TO vault_reader;
`;
