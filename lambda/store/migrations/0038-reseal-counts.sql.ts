import { calledBy } from './0029-reseal-begin.sql';
import { failureOf, swapOf } from './0029-reseal-finish.sql';
import { KINDS } from './0029-reseal-kinds';

/** A run counts a failure as it counts a swap: in the transaction that lists it, even if the page ends early. */
const COUNTED = String.raw`
CREATE OR REPLACE FUNCTION vault_api.finish_reseal(p_run text, p_item json) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms' AS $$
DECLARE
  v_record_id constant uuid := p_item ->> 'record_id';
  v_run vault.reseal_runs;
  v_wallet_id text;
  v_chain text;
  v_code constant text := p_item ->> 'code';
  v_outcome text := 'changed';
BEGIN
  PERFORM vault.require(num_nulls(p_run, v_record_id));
  IF v_code !~ '^[A-Za-z]{1,32}$' THEN
    RAISE EXCEPTION 'expected the code of a failure, got something else' USING ERRCODE = '22023';
  END IF;
  SELECT r.* INTO v_run FROM vault.reseal_runs AS r WHERE r.run = p_run AND r.ended_at IS NULL;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM vault.reseal_claims AS c
    WHERE c.record_id = v_record_id AND c.run = p_run AND c.backend_pid = pg_backend_pid())
  THEN
    RETURN v_outcome;
  END IF;
  IF v_code IS NOT NULL THEN
    INSERT INTO vault.reseal_failures AS f (run, record_id, kind, wallet_id, chain, code)${KINDS.map(failureOf).join(
      '\n    UNION ALL',
    )}
      ON CONFLICT (run, record_id) DO NOTHING;
    IF FOUND THEN
      v_outcome := 'failed';
      UPDATE vault.reseal_runs AS r SET failed = r.failed + 1 WHERE r.run = p_run;
    END IF;
  -- what was sealed under another key while the run got this one is stale
  ELSIF p_item ->> 'key_id' = v_run.key_id THEN
    CASE p_item ->> 'kind'${KINDS.map(swapOf).join('')}
      ELSE
        RAISE EXCEPTION 'expected a kind of record, got another' USING ERRCODE = '22023';
    END CASE;
    IF FOUND THEN
      v_outcome := 'resealed';
      UPDATE vault.reseal_runs AS r SET resealed = r.resealed + 1 WHERE r.run = p_run;
      -- of a rotation since the step began: the record is as old as before, and the material is new
      IF p_item ->> 'key_material_id' <> v_run.key_material_id THEN
        PERFORM vault.note_material(v_run.key_id, vault.material_id(p_item ->> 'key_material_id'));
      END IF;
    END IF;
  END IF;
  DELETE FROM vault.reseal_claims AS c WHERE c.record_id = v_record_id;
  RETURN v_outcome;
EXCEPTION
  WHEN lock_not_available OR deadlock_detected THEN
    RETURN 'changed';
END
$$;

CREATE OR REPLACE FUNCTION vault_api.count_reseals(p_run text, p_outcomes text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_stack text;
BEGIN${calledBy('finish_reseals', 'count_reseals')}
  UPDATE vault.reseal_runs AS r SET last_step_at = clock_timestamp(),
      changed = r.changed + cardinality(array_positions(p_outcomes, 'changed'))
    WHERE r.run = p_run AND r.ended_at IS NULL;
  RETURN cardinality(p_outcomes);
END
$$;
`;

/** The login of the resealer can write any text as a receipt: none may break the commands that read receipts. */
const READABLE = String.raw`
-- Of a run that ended. Written twice, the first one remains: the response is the one that is stored.
CREATE OR REPLACE FUNCTION vault_api.write_reseal_receipt(p_run text, p_receipt text)
RETURNS TABLE (receipt text, sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_receipt));
  IF octet_length(p_receipt) > 65536 THEN
    RAISE EXCEPTION 'expected a receipt of at most 64 KiB, got a longer one' USING ERRCODE = '22001';
  END IF;
  IF p_receipt IS NOT JSON OBJECT WITH UNIQUE KEYS THEN
    RAISE EXCEPTION 'expected a receipt in JSON, got another text' USING ERRCODE = '22023';
  END IF;
  IF p_receipt::json ->> 'run' IS DISTINCT FROM p_run THEN
    RAISE EXCEPTION 'expected a receipt of the run, got another' USING ERRCODE = '22023';
  END IF;
  IF NOT EXISTS (SELECT FROM vault.reseal_runs AS r WHERE r.run = p_run AND r.ended_at IS NOT NULL) THEN
    RAISE EXCEPTION 'expected a run that ended, got another' USING ERRCODE = 'SV001';
  END IF;
  INSERT INTO vault.reseal_receipts AS r (run, receipt, sha256)
    VALUES (p_run, p_receipt, pg_catalog.sha256(convert_to(p_receipt, 'UTF8'))) ON CONFLICT (run) DO NOTHING;
  RETURN QUERY SELECT r.receipt, r.sha256::bytea FROM vault.reseal_receipts AS r WHERE r.run = p_run;
END
$$;

-- NULL for a text of a former release that is no receipt, or that names what JSON in the database can't hold.
CREATE FUNCTION vault.receipt_json(p_receipt text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE WHEN p_receipt IS JSON OBJECT THEN p_receipt::jsonb END;
EXCEPTION
  WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$$;

-- The keys that a receipt's census has records under. A census that can't be read may have any: NULL.
CREATE FUNCTION vault.receipt_keys(p_receipt jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN jsonb_typeof(p_receipt -> 'census') = 'array'
      AND NOT jsonb_path_exists(p_receipt, '$.census[*] ? (!(@.keyId.type() == "string"))')
    THEN ARRAY(SELECT DISTINCT g ->> 'keyId' FROM jsonb_path_query(p_receipt, '$.census[*]') AS g ORDER BY 1) END
$$;

-- Whether a receipt's sample has its counts: whole numbers that callers can read.
CREATE FUNCTION vault.is_sample(p_sample jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_typeof(p_sample) = 'object' AND NOT EXISTS (
    SELECT FROM unnest(ARRAY['opened', 'mismatched', 'failed', 'uncompared']) AS c (name)
      -- of a former release there is no count of what was not compared
      WHERE (c.name <> 'uncompared' OR p_sample ? c.name)
        AND (jsonb_typeof(p_sample -> c.name) = 'number' AND p_sample ->> c.name ~ '^[0-9]{1,15}$') IS NOT TRUE)
$$;

-- Reads the receipts of the last 50 runs only.
CREATE OR REPLACE FUNCTION vault_api.list_reseals() RETURNS TABLE (
  run text, key_id text, key_material_id text, started_at timestamptz, last_step_at timestamptz, ended_at timestamptz,
  resealed bigint, changed bigint, failed bigint, receipt_at timestamptz, record_key_ids text[], samples json
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.run, r.key_id, r.key_material_id, r.started_at, r.last_step_at, r.ended_at, r.resealed, r.changed, r.failed,
      CASE WHEN vault.receipt_keys(w.json) IS NOT NULL THEN w.written_at END, vault.receipt_keys(w.json),
      to_json(array_remove(ARRAY[CASE WHEN vault.is_sample(w.json -> 'sample') THEN w.json -> 'sample' END], NULL))
    FROM (SELECT n.* FROM vault.reseal_runs AS n ORDER BY n.started_at DESC LIMIT 50) AS r
    LEFT JOIN LATERAL (SELECT t.written_at, vault.receipt_json(t.receipt) AS json
      FROM vault.reseal_receipts AS t WHERE t.run = r.run) AS w ON true
    ORDER BY r.started_at DESC
$$;
`;

export const RESEAL_COUNTS = COUNTED + READABLE;
