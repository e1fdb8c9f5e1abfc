/** How old the key materials of the vault's records are, and how many records are not on the present one. */
export const MATERIAL_AGES = String.raw`
-- When the vault first met each key material: at a reseal to it, or once a day, by the records that are sealed under it.
CREATE TABLE vault.materials (
  key_id vault.id NOT NULL,
  key_material_id varchar(64) NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (key_id, key_material_id)
);

CREATE FUNCTION vault.note_material(p_key_id text, p_key_material_id text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO vault.materials AS m (key_id, key_material_id) SELECT p_key_id, p_key_material_id
    WHERE p_key_material_id <> '' ON CONFLICT DO NOTHING
$$;

-- Counts the records that are not on the newest material of the share key that the vault knows, superseded ones included,
-- and the days since it met the oldest material that a record needs: NULL if none is under a key of AWS KMS, since the
-- materials of other keys have no ids. A record of unknown material counts as stale, and as old as it is itself. Called
-- by the migration, as the owner.
CREATE FUNCTION vault.measure_materials(p_key_id text, OUT stale_records bigint, OUT oldest_days integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_in_kms constant text := '^arn:aws[a-z-]*:kms:';
  v_census constant jsonb := (SELECT coalesce(jsonb_agg(c.*), '[]') FROM vault_api.census() AS c);
  v_material text := '';
BEGIN
  INSERT INTO vault.materials AS m (key_id, key_material_id, first_seen_at)
    SELECT c.key_id, c.key_material_id, min(c.oldest)
      FROM jsonb_to_recordset(v_census) AS c (key_id text, key_material_id text, oldest timestamptz)
      WHERE c.key_material_id <> '' GROUP BY c.key_id, c.key_material_id
    ON CONFLICT DO NOTHING;
  IF p_key_id ~ v_in_kms THEN
    SELECT m.key_material_id INTO v_material FROM vault.materials AS m WHERE m.key_id = p_key_id
      ORDER BY m.first_seen_at DESC LIMIT 1;
  END IF;
  SELECT coalesce(sum(c.records), 0) INTO stale_records
    FROM jsonb_to_recordset(v_census) AS c (key_id text, key_material_id text, records bigint)
    WHERE c.key_id <> p_key_id OR c.key_material_id IS DISTINCT FROM v_material;
  SELECT floor(extract(epoch FROM clock_timestamp() - min(coalesce(m.first_seen_at, c.oldest))) / 86400)
    INTO oldest_days FROM jsonb_to_recordset(v_census) AS c (key_id text, key_material_id text, oldest timestamptz)
    LEFT JOIN vault.materials AS m ON m.key_id = c.key_id AND m.key_material_id = c.key_material_id
    WHERE c.key_id ~ v_in_kms;
END
$$;
`;
