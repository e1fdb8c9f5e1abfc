/** Which key sealed until when: what says from when on no backup needs a former share key. */
export const SEALING_KEYS = String.raw`
-- The share keys that sealed since this table exists. Written by the migration only, on each deploy and each sweep.
CREATE TABLE vault.sealing_keys (
  key_id varchar(255) PRIMARY KEY,
  first_noted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  last_noted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- infinity: it seals, as far as it is known
  sealed_until timestamptz NOT NULL DEFAULT 'infinity'
);

-- Notes the key that seals. After a deploy the former one seals for some minutes, until the functions are replaced. A sweep may
-- be one of the former version, in the minutes of a deploy: it ends only what was not noted for two days.
CREATE FUNCTION vault.note_sealing_key(p_key_id text, p_is_sweep boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
BEGIN
  PERFORM vault.require_ids(p_key_id);
  UPDATE vault.sealing_keys AS s SET sealed_until = v_now + interval '1 hour'
    WHERE s.key_id <> p_key_id AND s.sealed_until = 'infinity'
      AND (NOT p_is_sweep OR s.last_noted_at < v_now - interval '2 days');
  INSERT INTO vault.sealing_keys AS s (key_id) VALUES (p_key_id)
    ON CONFLICT (key_id) DO UPDATE SET last_noted_at = v_now, sealed_until = 'infinity';
END
$$;

-- Each key that the vault lists or had: whether it was the share key, until when it sealed, NULL while it may, and when a receipt
-- first had no record under it after that, superseded ones included; NULL if none says so. A key may have sealed between two
-- receipts that have no record under it, so what counts is when it sealed. A key that was never noted may have sealed until the
-- first note, and any key until a restore: the restored database does not know.
CREATE FUNCTION vault_api.former_keys() RETURNS TABLE (
  key_id text, was_share_key boolean, sealed_until timestamptz, free_since timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH receipts AS MATERIALIZED (
    SELECT r.key_id, r.ended_at, w.written_at, vault.receipt_keys(vault.receipt_json(w.receipt)) AS key_ids
      FROM vault.reseal_receipts AS w JOIN vault.reseal_runs AS r ON r.run = w.run
  ), needed AS MATERIALIZED (
    SELECT n.key_id, max(r.written_at) AS at FROM receipts AS r, unnest(r.key_ids) AS n (key_id) GROUP BY n.key_id
  ), led AS MATERIALIZED (
    SELECT r.key_id, max(r.last_step_at) AS until FROM vault.reseal_runs AS r GROUP BY r.key_id
  ), keys AS (
    SELECT s.key_id::text FROM vault.share_keys AS s
    UNION SELECT s.key_id::text FROM vault.sealing_keys AS s
    UNION SELECT l.key_id::text FROM led AS l
  )
  SELECT k.key_id, l.key_id IS NOT NULL OR s.key_id IS NOT NULL, nullif(u.until, 'infinity'),
      (SELECT min(r.written_at) FROM receipts AS r
        WHERE r.ended_at > u.until AND r.written_at > coalesce(greatest(n.at, x.at), '-infinity'))
    FROM keys AS k
    LEFT JOIN led AS l ON l.key_id = k.key_id
    LEFT JOIN vault.sealing_keys AS s ON s.key_id = k.key_id
    LEFT JOIN needed AS n ON n.key_id = k.key_id
    -- of what can't be read: it may have records under any key
    CROSS JOIN (SELECT max(r.written_at) AS at FROM receipts AS r WHERE r.key_ids IS NULL) AS x
    CROSS JOIN (SELECT min(m.first_noted_at) AS at FROM vault.sealing_keys AS m) AS f
    CROSS JOIN (SELECT max(g.seen_at) AS at FROM vault.generations AS g) AS d
    CROSS JOIN LATERAL (SELECT CASE WHEN f.at IS NOT NULL
      THEN greatest(coalesce(s.sealed_until, f.at), l.until, d.at) END AS until) AS u
    ORDER BY k.key_id
$$;
GRANT EXECUTE ON FUNCTION vault_api.former_keys TO vault_auditor;

-- The former version's migration may run in the minutes of a deploy, with the list of keys that it has: it doesn't forget a key
-- that the new version listed. A deploy takes a key out of the list by its time first.
CREATE FUNCTION vault.keep_listed_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE WHEN OLD.listed_at < clock_timestamp() - interval '1 hour' THEN OLD END;
END
$$;
CREATE TRIGGER keep_listed_key BEFORE DELETE ON vault.share_keys
  FOR EACH ROW EXECUTE FUNCTION vault.keep_listed_key();
`;
