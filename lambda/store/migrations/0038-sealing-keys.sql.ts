/** Which key sealed until when: what says from when on no backup needs a former share key. */
export const SEALING_KEYS = String.raw`
-- The share keys that sealed since this table exists. Written by the migration only, on each deploy and once a day.
CREATE TABLE vault.sealing_keys (
  key_id varchar(255) PRIMARY KEY,
  first_noted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  last_noted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

-- Notes the key that seals, and the one that did until now. Times only grow, so a sweep of the former version, in the minutes
-- of a deploy, does no harm.
CREATE FUNCTION vault.note_sealing_key(p_key_id text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require_ids(p_key_id);
  UPDATE vault.sealing_keys AS s SET last_noted_at = clock_timestamp()
    WHERE s.key_id <> p_key_id
      AND s.key_id = (SELECT l.key_id FROM vault.sealing_keys AS l ORDER BY l.last_noted_at DESC LIMIT 1);
  INSERT INTO vault.sealing_keys AS s (key_id) VALUES (p_key_id)
    ON CONFLICT (key_id) DO UPDATE SET last_noted_at = clock_timestamp();
END
$$;

-- Each key that the vault lists or had: whether it was the share key, and when a receipt first had no record under it,
-- superseded ones included, after it last sealed; NULL if none says so. A key may have sealed between two receipts that have
-- no record under it, so what counts is when it sealed: two days longer than it was noted, since it is noted once a day. A key
-- that was never noted may have sealed until the first note, and any key until a restore: the restored database does not know.
CREATE FUNCTION vault_api.former_keys() RETURNS TABLE (key_id text, was_share_key boolean, free_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH receipts AS MATERIALIZED (
    SELECT r.key_id, r.ended_at, w.written_at, vault.receipt_keys(vault.receipt_json(w.receipt)) AS key_ids
      FROM vault.reseal_receipts AS w JOIN vault.reseal_runs AS r ON r.run = w.run
  ), led AS MATERIALIZED (
    SELECT r.key_id, max(r.last_step_at) AS until FROM vault.reseal_runs AS r GROUP BY r.key_id
  ), keys AS (
    SELECT s.key_id::text FROM vault.share_keys AS s
    UNION SELECT s.key_id::text FROM vault.sealing_keys AS s
    UNION SELECT l.key_id::text FROM led AS l
  )
  SELECT k.key_id, l.key_id IS NOT NULL OR s.key_id IS NOT NULL,
      (SELECT min(r.written_at) FROM receipts AS r
        WHERE f.at IS NOT NULL AND r.ended_at > greatest(coalesce(s.last_noted_at + interval '2 days', f.at), l.until, d.at)
          AND r.written_at > ALL (SELECT n.written_at FROM receipts AS n
            WHERE n.key_ids IS NULL OR k.key_id = ANY (n.key_ids)))
    FROM keys AS k
    LEFT JOIN led AS l ON l.key_id = k.key_id
    LEFT JOIN vault.sealing_keys AS s ON s.key_id = k.key_id
    CROSS JOIN (SELECT min(n.first_noted_at) AS at FROM vault.sealing_keys AS n) AS f
    CROSS JOIN (SELECT max(g.seen_at) AS at FROM vault.generations AS g) AS d
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
