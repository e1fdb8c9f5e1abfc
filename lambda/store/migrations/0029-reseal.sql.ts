import { BEGIN, REDEEM } from './0029-reseal-begin.sql';
import { FINISH } from './0029-reseal-finish.sql';
import { KINDS, type KindOfRecord } from './0029-reseal-kinds';
import { MATERIAL_AGES } from './0029-reseal-materials.sql';
import { RECEIPTS, SAMPLE } from './0029-reseal-receipts.sql';

/**
 * Resealing: records are opened and sealed again under a fresh data key and the present key material. Opening follows the
 * rule of 0011: the rows of the log are committed before ciphertext leaves.
 */

const TABLES = String.raw`
-- One claim a record, for a minute: without it, two workers would do much of their work twice. As tickets, not worth a
-- crash's survival.
CREATE UNLOGGED TABLE vault.reseal_claims (
  record_id uuid PRIMARY KEY,
  run text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- of the session that may finish it
  backend_pid integer NOT NULL
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE vault.reseal_tickets (
  backend_pid integer PRIMARY KEY,
  ticket uuid NOT NULL,
  serial bigint NOT NULL,
  kinds text[] NOT NULL,
  record_ids uuid[] NOT NULL,
  login_role name NOT NULL,
  begun_in xid8 NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
) WITH (fillfactor = 50);

-- a run: where it leads, and how far it came
CREATE TABLE vault.reseal_runs (
  -- the name of the execution
  run text PRIMARY KEY,
  key_id vault.id NOT NULL,
  -- '' for a key whose material has no id: any material of it will do
  key_material_id varchar(64) NOT NULL,
  started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  last_step_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  ended_at timestamptz,
  resealed bigint NOT NULL DEFAULT 0,
  changed bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0
);

-- Records that a run could not reseal, by the code of the reason. It leaves them alone; the next one tries again.
CREATE TABLE vault.reseal_failures (
  run text NOT NULL REFERENCES vault.reseal_runs,
  record_id uuid NOT NULL,
  kind varchar(32) NOT NULL,
  wallet_id vault.id NOT NULL,
  chain vault.chain NOT NULL,
  code varchar(32) NOT NULL,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (run, record_id)
);

-- Former keys that could not open while a run went on. It passes over their records, and the next one tries again.
CREATE TABLE vault.reseal_unusable_keys (
  run text NOT NULL REFERENCES vault.reseal_runs,
  key_id vault.id NOT NULL,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (run, key_id)
);
`;

const CONTEXT = String.raw`
-- The encryption context in a message's header, as bytes: NULL for what is no message of the vault's format.
CREATE FUNCTION vault.message_context(p_message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v_length integer;
BEGIN
  IF pg_catalog.octet_length(p_message) < 39
    OR pg_catalog.substring(p_message, 1, 3) <> pg_catalog.decode('020478', 'hex')
  THEN
    RETURN NULL;
  END IF;
  v_length := pg_catalog.get_byte(p_message, 35) * 256 + pg_catalog.get_byte(p_message, 36);
  IF pg_catalog.octet_length(p_message) < 37 + v_length THEN
    RETURN NULL;
  END IF;
  RETURN pg_catalog.substring(p_message, 38, v_length);
END
$$;
`;

const START = String.raw`
-- Starts a run, or goes on with it: each step says which key and material are the present ones.
CREATE FUNCTION vault_api.start_reseal(p_run text, p_key_id text, p_key_material_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_material constant text := vault.material_id(p_key_material_id);
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_key_id));
  PERFORM vault.require_ids(p_key_id);
  IF p_run !~ '^[A-Za-z0-9_-]{1,80}$' THEN
    RAISE EXCEPTION 'expected the name of an execution, got something else' USING ERRCODE = '22023';
  END IF;
  -- another key would refuse every deploy: none of its functions opens with it
  IF NOT EXISTS (SELECT FROM vault.share_keys AS s WHERE s.key_id = p_key_id)
    AND EXISTS (SELECT FROM vault.share_keys AS s)
  THEN
    RAISE EXCEPTION 'expected a share key of the vault, got another' USING ERRCODE = '22023';
  END IF;
  INSERT INTO vault.reseal_runs AS r (run, key_id, key_material_id) VALUES (p_run, p_key_id, v_material)
    ON CONFLICT (run) DO UPDATE SET key_id = EXCLUDED.key_id, key_material_id = EXCLUDED.key_material_id,
      last_step_at = EXCLUDED.last_step_at WHERE r.ended_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a run that goes on, got one that ended' USING ERRCODE = 'SV001';
  END IF;
  PERFORM vault.note_material(p_key_id, v_material);
END
$$;
`;

const UNUSABLE = String.raw`
-- Lets a run go on without a former key that does not open: nothing under it is claimed any more, by any of its workers.
CREATE FUNCTION vault_api.pass_over_key(p_run text, p_key_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run vault.reseal_runs;
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_key_id));
  PERFORM vault.require_ids(p_key_id);
  v_run := vault.reseal_run(p_run);
  IF p_key_id = v_run.key_id THEN
    RAISE EXCEPTION 'expected a key that only opens, got the one that seals' USING ERRCODE = '22023';
  END IF;
  INSERT INTO vault.reseal_unusable_keys AS u (run, key_id) VALUES (p_run, p_key_id) ON CONFLICT DO NOTHING;
END
$$;
`;

/**
 * Lists the first 1,000 records of a kind under a key that the run did not open with, and counts all of them that it has not
 * counted: by the index only, and by the primary keys of its failures, since a key may have millions of records.
 */
const unopenedOf = ({ kind, table }: KindOfRecord): string => String.raw`
    v_unopened := v_unopened + (SELECT count(*) FROM ${table} AS s WHERE s.encryption_key_id = v_key)
      - (SELECT count(*) FROM vault.reseal_failures AS f JOIN ${table} AS s ON s.id = f.record_id
        WHERE f.run = p_run AND s.encryption_key_id = v_key);
    INSERT INTO vault.reseal_failures AS f (run, record_id, kind, wallet_id, chain, code)
      SELECT p_run, s.id, '${kind}', s.wallet_id, s.chain, v_code FROM ${table} AS s
        WHERE s.encryption_key_id = v_key LIMIT 1000
      ON CONFLICT DO NOTHING;`;

const keysOf = ({ table }: KindOfRecord): string => String.raw`
      SELECT k.id FROM keys_of_${table.replace('vault.', '')} AS k WHERE k.id IS NOT NULL`;

/** The keys of a kind's records: one lookup in the index for each. */
const recursionOf = ({ table }: KindOfRecord): string => String.raw`keys_of_${table.replace('vault.', '')} AS (
      (SELECT min(s.encryption_key_id::text) AS id FROM ${table} AS s)
      UNION ALL
      SELECT (SELECT min(s.encryption_key_id::text) FROM ${table} AS s WHERE s.encryption_key_id > k.id)
        FROM keys_of_${table.replace('vault.', '')} AS k WHERE k.id IS NOT NULL
    )`;

const LISTS = String.raw`
-- Ends a run: from now on it claims nothing. Records under a key that it may not or could not open with count as failed.
-- Ended again, it has the same numbers.
CREATE FUNCTION vault_api.end_reseal(p_run text, p_key_ids text[]) RETURNS TABLE (
  run text, key_id text, key_material_id text, started_at timestamptz, last_step_at timestamptz, ended_at timestamptz,
  resealed bigint, changed bigint, failed bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_key text;
  v_code text;
  v_unopened bigint := 0;
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_key_ids));
  UPDATE vault.reseal_runs AS r SET ended_at = clock_timestamp() WHERE r.run = p_run AND r.ended_at IS NULL;
  IF FOUND THEN
    FOR v_key IN WITH RECURSIVE ${KINDS.map(recursionOf).join(', ')}
      SELECT k.id FROM (${KINDS.map(keysOf).join('\n      UNION')}) AS k
        WHERE k.id <> ALL (p_key_ids) OR vault.is_passed_over(p_run, k.id)
    LOOP
      v_code := CASE WHEN v_key <> ALL (p_key_ids) THEN 'KeyNotListed' ELSE 'KeyUnavailable' END;${KINDS.map(unopenedOf).join('')}
    END LOOP;
    UPDATE vault.reseal_runs AS r SET failed = r.failed + v_unopened WHERE r.run = p_run AND v_unopened > 0;
    DELETE FROM vault.reseal_claims AS c WHERE c.run = p_run;
  END IF;
  RETURN QUERY SELECT r.run, r.key_id::text, r.key_material_id::text, r.started_at, r.last_step_at, r.ended_at,
      r.resealed, r.changed, r.failed
    FROM vault.reseal_runs AS r WHERE r.run = p_run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected the name of a run, got another' USING ERRCODE = 'SV007';
  END IF;
END
$$;

-- The last 50, newest first. With the time and the sample of the run's receipt, and the keys that its census has records
-- under.
CREATE FUNCTION vault_api.list_reseals() RETURNS TABLE (
  run text, key_id text, key_material_id text, started_at timestamptz, last_step_at timestamptz, ended_at timestamptz,
  resealed bigint, changed bigint, failed bigint, receipt_at timestamptz, record_key_ids text[], samples json
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.run, r.key_id, r.key_material_id, r.started_at, r.last_step_at, r.ended_at, r.resealed, r.changed, r.failed,
      w.written_at, CASE WHEN w.run IS NOT NULL THEN ARRAY(
        SELECT DISTINCT g ->> 'keyId' FROM jsonb_path_query(w.receipt::jsonb, '$.census[*]') AS g ORDER BY 1) END,
      to_json(array_remove(ARRAY[w.receipt::jsonb -> 'sample'], NULL))
    FROM vault.reseal_runs AS r LEFT JOIN vault.reseal_receipts AS w ON w.run = r.run
    ORDER BY r.started_at DESC LIMIT 50
$$;

-- of one run, 500 at most
CREATE FUNCTION vault_api.list_reseal_failures(p_run text, p_after uuid) RETURNS TABLE (
  record_id uuid, kind text, wallet_id text, chain text, code text, at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.record_id, f.kind, f.wallet_id, f.chain, f.code, f.at FROM vault.reseal_failures AS f
    WHERE f.run = p_run AND f.record_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
    ORDER BY f.record_id LIMIT 500
$$;
`;

const GRANTS = String.raw`
GRANT USAGE ON SCHEMA vault_api TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.start_reseal TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.pass_over_key TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.begin_reseal TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.redeem_reseal TO vault_resealer;
GRANT EXECUTE ON PROCEDURE vault_api.reseal_records TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.finish_reseal TO vault_resealer;
GRANT EXECUTE ON PROCEDURE vault_api.finish_reseals TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.count_reseals TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.reseals_left TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.begin_reseal_sample TO vault_resealer;
GRANT EXECUTE ON PROCEDURE vault_api.sample_reseals TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.note_reseal_failure TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.end_reseal TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.write_reseal_receipt TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.reseal_receipts TO vault_auditor, vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.chain_heads_at TO vault_auditor, vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.census TO vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.list_reseals TO vault_auditor, vault_resealer;
GRANT EXECUTE ON FUNCTION vault_api.list_reseal_failures TO vault_auditor, vault_resealer;
`;

export const RESEAL =
  TABLES + MATERIAL_AGES + CONTEXT + START + BEGIN + UNUSABLE + REDEEM + FINISH + SAMPLE + RECEIPTS + LISTS + GRANTS;
