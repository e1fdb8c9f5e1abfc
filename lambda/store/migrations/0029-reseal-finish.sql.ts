import { KINDS, type KindOfRecord } from './0029-reseal-kinds';

/** Replaces the sealed columns if they are still those that were read, and if the new ones are bound to the same record. */
const swapOf = ({ kind, table, sealed }: KindOfRecord): string => String.raw`
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
          AND vault.message_context(s.${column}) = vault.message_context(decode(p_item ->> '${name}', 'hex'))`,
          )
          .join('')};`;

/** Ends what was claimed: by a swap, or by the code of a failure. */
export const FINISH = String.raw`
-- resealed | changed: it was replaced, revoked or resealed since it was read. The caller commits.
CREATE FUNCTION vault_api.finish_reseal(p_run uuid, p_item json) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_record_id constant uuid := p_item ->> 'record_id';
  v_run vault.reseal_runs;
  v_claimed vault.reseal_claims;
  v_wallet_id text;
  v_chain text;
  v_code constant text := p_item ->> 'code';
  v_outcome text := 'changed';
BEGIN
  PERFORM vault.require(num_nulls(p_run, v_record_id));
  SELECT r.* INTO v_run FROM vault.reseal_runs AS r WHERE r.run = p_run AND r.ended_at IS NULL;
  SELECT c.* INTO v_claimed FROM vault.reseal_claims AS c
    WHERE c.record_id = v_record_id AND c.run = v_run.run AND c.backend_pid = pg_backend_pid() AND NOT c.failed;
  IF NOT FOUND THEN
    RETURN v_outcome;
  END IF;
  IF v_code IS NOT NULL THEN
    RETURN vault.fail_reseal(v_run.run, p_item ->> 'kind', v_record_id, v_code);
  END IF;
  CASE p_item ->> 'kind'${KINDS.map(swapOf).join('')}
    ELSE
      RAISE EXCEPTION 'expected a kind of record, got another' USING ERRCODE = '22023';
  END CASE;
  IF FOUND THEN
    v_outcome := 'resealed';
  END IF;
  DELETE FROM vault.reseal_claims AS c WHERE c.record_id = v_record_id;
  RETURN v_outcome;
END
$$;

-- each in a transaction of its own, so that none waits with another's wallet locked
CREATE PROCEDURE vault_api.finish_reseals(p_run uuid, p_items json, OUT outcomes json)
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_item pg_catalog.json;
  v_outcomes pg_catalog.text[] := '{}';
BEGIN
  COMMIT;
  FOR v_item IN SELECT i.value FROM pg_catalog.json_array_elements(p_items) AS i LOOP
    v_outcomes := pg_catalog.array_append(v_outcomes, vault_api.finish_reseal(p_run, v_item));
    COMMIT;
  END LOOP;
  PERFORM vault_api.count_reseals(p_run, v_outcomes);
  outcomes := pg_catalog.array_to_json(v_outcomes);
END
$$;
`;

const failedOf = ({ kind, table }: KindOfRecord): string => String.raw`
  SELECT p_run, s.id, '${kind}', s.wallet_id, s.chain, p_code FROM ${table} AS s
    WHERE s.id = p_record_id AND p_kind = '${kind}'`;

export const COUNT = String.raw`
CREATE FUNCTION vault.fail_reseal(p_run uuid, p_kind text, p_record_id uuid, p_code text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_code !~ '^[A-Za-z]{1,32}$' THEN
    RAISE EXCEPTION 'expected the code of an error, got something else' USING ERRCODE = '22023';
  END IF;
  UPDATE vault.reseal_claims AS c SET failed = true WHERE c.record_id = p_record_id;
  INSERT INTO vault.reseal_failures AS f (run, record_id, kind, wallet_id, chain, code)${KINDS.map(failedOf).join(
    '\n  UNION ALL',
  )}
    ON CONFLICT (run, record_id) DO UPDATE SET code = EXCLUDED.code, at = EXCLUDED.at;
  RETURN CASE WHEN FOUND THEN 'failed' ELSE 'changed' END;
END
$$;

CREATE FUNCTION vault_api.count_reseals(p_run uuid, p_outcomes text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE vault.reseal_runs AS r SET last_step_at = clock_timestamp(),
      resealed = r.resealed + cardinality(array_positions(p_outcomes, 'resealed')),
      changed = r.changed + cardinality(array_positions(p_outcomes, 'changed')),
      failed = r.failed + cardinality(array_positions(p_outcomes, 'failed'))
    WHERE r.run = p_run AND r.ended_at IS NULL
$$;
`;
