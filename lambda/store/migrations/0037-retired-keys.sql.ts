/**
 * What only tampering explains: an opening under a share key that was done with, and a thaw that no alarm of the functions
 * reported.
 */
export const RETIRED_KEYS = String.raw`
-- How many of these keys were retired before a time. A key is retired once a run that led elsewhere, since another key
-- seals, wrote a receipt without a record under it: then nothing opens under it any more, unless somebody brought an old
-- row back. A receipt of later than that time doesn't count: the opening may be older.
CREATE FUNCTION vault_api.count_retired_keys(p_key_ids text[], p_milliseconds_ago integer) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_until constant timestamptz := clock_timestamp() - make_interval(secs => p_milliseconds_ago / 1000.0);
BEGIN
  PERFORM vault.require(num_nulls(p_key_ids, p_milliseconds_ago));
  RETURN (SELECT count(*) FROM unnest(p_key_ids) AS k (key_id)
    WHERE EXISTS (SELECT FROM vault.reseal_receipts AS r
      CROSS JOIN LATERAL (SELECT vault.receipt_json(r.receipt) AS json) AS j
      WHERE r.written_at < v_until AND r.written_at > coalesce(
          -- the deploy after which another key seals says that this one may for an hour more
          (SELECT s.sealed_until - interval '1 hour' FROM vault.sealing_keys AS s WHERE s.key_id = k.key_id),
          (SELECT min(s.first_noted_at) FROM vault.sealing_keys AS s))
        AND j.json ->> 'keyId' <> k.key_id
        AND k.key_id <> ALL (vault.receipt_keys(j.json))));
END
$$;
GRANT EXECUTE ON FUNCTION vault_api.count_retired_keys TO vault_unsealer;

-- Thaws of the log that a migration has counted. By their rows, not by a greatest id: a transaction can commit a lower one
-- later.
CREATE TABLE vault.counted_thaws (
  log_id bigint PRIMARY KEY
);
INSERT INTO vault.counted_thaws SELECT l.id FROM vault.freeze_log AS l WHERE l.action = 'thaw';

-- How many thaws the log has since the last call: each one is counted once.
CREATE FUNCTION vault.count_thaws() RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH counted AS (
    INSERT INTO vault.counted_thaws SELECT l.id FROM vault.freeze_log AS l WHERE l.action = 'thaw'
      ON CONFLICT DO NOTHING RETURNING log_id
  )
  SELECT count(*) FROM counted
$$;
`;
