/**
 * Records whose bodies are stored outside the database (docs/adr/0013-the-sealed-body-elsewhere.md). The functions that
 * seal and revoke are unchanged: triggers keep the list of bodies. A record without such a body costs a look at its
 * column's end.
 */
export const BODIES = String.raw`
-- by the trailer of a reference (lambda/store/bodies/reference.ts)
CREATE FUNCTION vault.has_body_elsewhere(p_message bytea) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN pg_catalog.substr(p_message, pg_catalog.octet_length(p_message) - 17) = 'share-vault body 1'::bytea;

-- one row a record, live or superseded, whose body is elsewhere
CREATE TABLE vault.bodies (record_id uuid PRIMARY KEY);
-- the store that they are in, as the last deploy named it: one row at most
CREATE TABLE vault.body_store (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  place text NOT NULL
);
-- bodies whose record was destroyed, until they are destroyed too
CREATE TABLE vault.bodies_to_destroy (
  record_id uuid PRIMARY KEY,
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  queued_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE FUNCTION vault.add_body() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO vault.bodies (record_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
CREATE FUNCTION vault.queue_body() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM vault.bodies AS b WHERE b.record_id = OLD.id;
  INSERT INTO vault.bodies_to_destroy (record_id, wallet_id, chain) VALUES (OLD.id, OLD.wallet_id, OLD.chain)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER add_body AFTER INSERT ON vault.delegated_shares FOR EACH ROW
  WHEN (vault.has_body_elsewhere(NEW.encrypted_delegated_share)) EXECUTE FUNCTION vault.add_body();
CREATE TRIGGER add_body AFTER INSERT ON vault.server_key_shares FOR EACH ROW
  WHEN (vault.has_body_elsewhere(NEW.encrypted_server_key_shares)) EXECUTE FUNCTION vault.add_body();
CREATE TRIGGER queue_body AFTER DELETE ON vault.delegated_shares FOR EACH ROW
  WHEN (vault.has_body_elsewhere(OLD.encrypted_delegated_share)) EXECUTE FUNCTION vault.queue_body();
CREATE TRIGGER queue_body AFTER DELETE ON vault.server_key_shares FOR EACH ROW
  WHEN (vault.has_body_elsewhere(OLD.encrypted_server_key_shares)) EXECUTE FUNCTION vault.queue_body();

-- entries that the body store has by the database's knowledge
CREATE FUNCTION vault_api.count_bodies() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT count(*) FROM vault.bodies) + (SELECT count(*) FROM vault.bodies_to_destroy)
$$;

-- whether a record exists: its body may have been destroyed since the record was read
CREATE FUNCTION vault_api.has_body(p_record_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM vault.bodies AS b WHERE b.record_id = p_record_id)
$$;

-- a wallet's bodies to destroy, of earlier revocations too
CREATE FUNCTION vault_api.bodies_to_destroy(p_wallet_id text, p_chain text)
RETURNS TABLE (record_id uuid, queued_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT b.record_id, b.queued_at FROM vault.bodies_to_destroy AS b
    WHERE b.wallet_id = p_wallet_id AND b.chain = p_chain ORDER BY b.queued_at LIMIT 100
$$;

-- forgets bodies that were destroyed
CREATE FUNCTION vault_api.bodies_destroyed(p_record_ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM vault.bodies_to_destroy AS b WHERE b.record_id = ANY (p_record_ids)
$$;

GRANT EXECUTE ON FUNCTION vault_api.count_bodies TO vault_sealer, vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.has_body TO vault_unsealer;
GRANT EXECUTE ON FUNCTION vault_api.bodies_to_destroy TO vault_revoker, vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.bodies_destroyed TO vault_revoker, vault_receiver;
`;
