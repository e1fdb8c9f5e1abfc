import { calledBy } from './0029-reseal-begin.sql';
import { KINDS, type KindOfRecord } from './0029-reseal-kinds';

/** Replaces the sealed columns if they are still those that were read, and if the new ones are bound to the same record. */
export const swapOf = ({ kind, table, sealed }: KindOfRecord): string => String.raw`
    WHEN '${kind}' THEN
      SELECT w.wallet_id, w.chain INTO v_wallet_id, v_chain FROM ${table} AS s
        JOIN vault.wallets AS w ON w.wallet_id = s.wallet_id AND w.chain = s.chain
        WHERE s.id = v_record_id FOR NO KEY UPDATE OF w;
      UPDATE ${table} AS s SET ${Object.entries(sealed)
        .map(([name, column]) => `${column} = decode(p_item ->> '${name}', 'hex')`)
        .join(', ')},
          encryption_key_id = v_run.key_id, key_material_id = vault.material_id(p_item ->> 'key_material_id'),
          resealed_at = clock_timestamp()
        WHERE s.id = v_record_id${Object.entries(sealed)
          .map(
            ([name, column]) => String.raw`
          AND sha256(s.${column}) = decode(p_item ->> '${name}_was', 'hex')
          AND s.${column} <> decode(p_item ->> '${name}', 'hex')
          AND vault.message_context(s.${column}) = vault.message_context(decode(p_item ->> '${name}', 'hex'))`,
          )
          .join('')};`;

export const failureOf = ({ kind, table }: KindOfRecord): string => String.raw`
    SELECT p_run, s.id, '${kind}', s.wallet_id, s.chain, v_code FROM ${table} AS s
      WHERE s.id = v_record_id AND p_item ->> 'kind' = '${kind}'`;

/** Ends what was claimed: by a swap, or by the code of a failure. */
export const FINISH = String.raw`
-- resealed | failed | changed: it was replaced, revoked or resealed since it was read, or the run has another key by now,
-- or another session held its wallet for longer than this one waits. The caller commits.
CREATE FUNCTION vault_api.finish_reseal(p_run text, p_item json) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- a page of 100 must end within the session's statement_timeout, even if each of its wallets is held
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
    END IF;
  -- what was sealed under another key while the run got this one is stale
  ELSIF p_item ->> 'key_id' = v_run.key_id THEN
    CASE p_item ->> 'kind'${KINDS.map(swapOf).join('')}
      ELSE
        RAISE EXCEPTION 'expected a kind of record, got another' USING ERRCODE = '22023';
    END CASE;
    IF FOUND THEN
      v_outcome := 'resealed';
      -- in the swap's own transaction: the receipt has every swap, even if the page ends early
      UPDATE vault.reseal_runs AS r SET resealed = r.resealed + 1 WHERE r.run = p_run;
    END IF;
  END IF;
  DELETE FROM vault.reseal_claims AS c WHERE c.record_id = v_record_id;
  RETURN v_outcome;
EXCEPTION
  -- the rest of the page goes on; the claim ends a minute after it began, and then the record is claimed again
  WHEN lock_not_available OR deadlock_detected THEN
    RETURN 'changed';
END
$$;

-- only by the procedure: counts the others
CREATE FUNCTION vault_api.count_reseals(p_run text, p_outcomes text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_stack text;
BEGIN${calledBy('finish_reseals', 'count_reseals')}
  UPDATE vault.reseal_runs AS r SET last_step_at = clock_timestamp(),
      changed = r.changed + cardinality(array_positions(p_outcomes, 'changed')),
      failed = r.failed + cardinality(array_positions(p_outcomes, 'failed'))
    WHERE r.run = p_run AND r.ended_at IS NULL;
  RETURN cardinality(p_outcomes);
END
$$;

-- Each in a transaction of its own, so that none waits with another's wallet locked. Only the last commit, of the counts,
-- waits for the disk, and it makes the others durable: a swap that a crash undid is made again.
CREATE PROCEDURE vault_api.finish_reseals(p_run text, p_items json, OUT outcomes json)
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_item pg_catalog.json;
  v_outcomes pg_catalog.text[] := '{}';
  v_counted pg_catalog.int4;
BEGIN
  COMMIT;
  FOR v_item IN SELECT i.value FROM pg_catalog.json_array_elements(p_items) AS i LOOP
    v_outcomes := pg_catalog.array_append(v_outcomes, vault_api.finish_reseal(p_run, v_item));
    PERFORM pg_catalog.set_config('synchronous_commit', 'off', true);
    COMMIT;
  END LOOP;
  -- no PERFORM: the stack that the function checks has a line of it
  v_counted := vault_api.count_reseals(p_run, v_outcomes);
  outcomes := pg_catalog.array_to_json(v_outcomes);
END
$$;
`;
