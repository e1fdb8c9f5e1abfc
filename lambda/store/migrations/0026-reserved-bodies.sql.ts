/**
 * The database knows of each body outside it before the body exists (docs/adr/0013-the-sealed-body-elsewhere.md). So the
 * sweep destroys only bodies that this database reserved or had: no clock of the store and no list of its entries decides.
 */
export const RESERVED_BODIES = String.raw`
-- bodies that are being stored: from before the store gets the body until the record's row is inserted
CREATE TABLE vault.reserved_bodies (
  record_id uuid PRIMARY KEY,
  reserved_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
-- a body that never got a row has no wallet
ALTER TABLE vault.bodies_to_destroy
  ALTER COLUMN wallet_id DROP NOT NULL,
  ALTER COLUMN chain DROP NOT NULL,
  -- when a function stated that it had destroyed the body: the sweep destroys it again before it forgets it
  ADD COLUMN destroyed_at timestamptz;

CREATE FUNCTION vault_api.reserve_bodies(p_record_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_catalog.cardinality(p_record_ids) > 100 THEN
    RAISE EXCEPTION 'expected at most 100 records, got more' USING ERRCODE = '22023';
  END IF;
  INSERT INTO vault.reserved_bodies (record_id)
    SELECT e.record_id FROM pg_catalog.unnest(p_record_ids) AS e (record_id)
      WHERE NOT EXISTS (SELECT FROM vault.bodies AS b WHERE b.record_id = e.record_id)
    ON CONFLICT DO NOTHING;
END
$$;

-- of handlers of the former release too, which reserve nothing
CREATE OR REPLACE FUNCTION vault.add_body() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO vault.bodies (record_id) VALUES (NEW.id);
  DELETE FROM vault.reserved_bodies AS r WHERE r.record_id = NEW.id;
  IF NOT FOUND AND EXISTS (SELECT FROM vault.bodies_to_destroy AS d WHERE d.record_id = NEW.id) THEN
    RAISE EXCEPTION 'expected a body that is not being destroyed, got one that the sweep took' USING ERRCODE = 'SV003';
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION vault_api.count_bodies() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT count(*) FROM vault.bodies) + (SELECT count(*) FROM vault.reserved_bodies)
    + (SELECT count(*) FROM vault.bodies_to_destroy AS b WHERE b.destroyed_at IS NULL)
$$;

CREATE OR REPLACE FUNCTION vault_api.bodies_to_destroy(p_wallet_id text, p_chain text)
RETURNS TABLE (record_id uuid, queued_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT b.record_id, b.queued_at FROM vault.bodies_to_destroy AS b
    WHERE b.wallet_id = p_wallet_id AND b.chain = p_chain AND b.destroyed_at IS NULL
    ORDER BY b.queued_at LIMIT 100
$$;

-- whoever may call it could name bodies that still exist, so it forgets none
CREATE OR REPLACE FUNCTION vault_api.bodies_destroyed(p_record_ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE vault.bodies_to_destroy AS b SET destroyed_at = pg_catalog.clock_timestamp()
    WHERE b.record_id = ANY (p_record_ids) AND b.destroyed_at IS NULL
$$;

GRANT EXECUTE ON FUNCTION vault_api.reserve_bodies TO vault_sealer, vault_receiver;
`;
