import { BOUNDS, KINDS, type KindOfRecord, SIDES, type Side, isStale } from './0029-reseal-kinds';

const LEASED = (id: string): string => `EXISTS (SELECT FROM vault.reseal_claims AS c
          WHERE c.record_id = ${id} AND c.claimed_at > v_now - interval '1 minute')`;

/** The next stale records of a kind, their wallets locked: those that another session holds are left to it. */
const claimOf = ({ kind, table, sealed }: KindOfRecord, side: Side): string => String.raw`
    FOR v_item IN
      SELECT s.id, s.wallet_id, s.chain, ${Object.values(sealed)
        .map((column) => `octet_length(s.${column})`)
        .join(' + ')} AS bytes
        FROM ${table} AS s JOIN vault.wallets AS w ON w.wallet_id = s.wallet_id AND w.chain = s.chain
        WHERE ${isStale(side)} AND NOT ${LEASED('s.id')}
        LIMIT p_limit - cardinality(v_record_ids) FOR NO KEY UPDATE OF w SKIP LOCKED
    LOOP
      EXIT WHEN v_total + v_item.bytes > 3500000 AND v_total > 0;
      -- as it is now that its wallet is locked: another worker may have been faster
      CONTINUE WHEN NOT EXISTS (SELECT FROM ${table} AS s WHERE s.id = v_item.id AND ${isStale(side)})
        OR ${LEASED('v_item.id')};
      INSERT INTO vault.reseal_claims AS c (record_id, run, backend_pid) VALUES (v_item.id, p_run, pg_backend_pid())
        ON CONFLICT (record_id) DO UPDATE SET run = EXCLUDED.run, backend_pid = EXCLUDED.backend_pid,
          claimed_at = EXCLUDED.claimed_at;
      PERFORM vault.append_log(v_item.wallet_id, v_item.chain, 'reseal', 'granted', 'vault:reseal', p_request_id,
        v_item.id, NULL);
      v_total := v_total + v_item.bytes;
      v_kinds := v_kinds || '${kind}'::text;
      v_record_ids := v_record_ids || v_item.id;
    END LOOP;`;

const claimsOf = (each: KindOfRecord): string => String.raw`
    IF NOT vault.is_reseal_frozen('${each.kind}') THEN${SIDES.map((side) => claimOf(each, side)).join('')}
    END IF;`;

/** Returns the check that a function of tickets is called by its procedure: see 0011-unseal-outcome. */
export const calledBy = (procedure: string, name: string): string => String.raw`
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ '^([^\n]*?)([a-z_]+[.])?${name}[(][^\n]*\n\1([a-z_]+[.])?${procedure}[(][^\n]*$' THEN
    RAISE EXCEPTION 'expected a call by ${procedure}, got one by hand' USING ERRCODE = '55000';
  END IF;`;

/** Issues a ticket for the records of `v_kinds` and `v_record_ids`. */
export const ISSUE_TICKET = String.raw`
  -- a session that asked for lazy commits gets none here
  PERFORM set_config('synchronous_commit', 'on', true);
  INSERT INTO vault.reseal_tickets AS t (backend_pid, ticket, serial, kinds, record_ids, login_role, begun_in)
    VALUES (pg_backend_pid(), v_ticket, nextval('vault.unseal_serial'), v_kinds, v_record_ids, session_user,
      pg_current_xact_id())
    ON CONFLICT (backend_pid) DO UPDATE SET ticket = EXCLUDED.ticket, serial = EXCLUDED.serial, kinds = EXCLUDED.kinds,
      record_ids = EXCLUDED.record_ids, login_role = EXCLUDED.login_role, begun_in = EXCLUDED.begun_in,
      issued_at = EXCLUDED.issued_at;
  RETURN v_ticket;`;

/** Claims stale records, logs that they are opened, and then returns their ciphertext. */
export const BEGIN = String.raw`
-- A freeze of callers lets reseals go on: a key is replaced while nothing is opened.
CREATE FUNCTION vault.is_reseal_frozen(p_kind text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM vault.freezes AS f
    WHERE f.thawed_at IS NULL AND (f.scope = 'all' OR f.scope = 'kind' AND f.name = p_kind))
$$;

-- of the target's key it never is: a run without it fails
CREATE FUNCTION vault.is_passed_over(p_run text, p_key_id text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM vault.reseal_unusable_keys AS u JOIN vault.reseal_runs AS r ON r.run = u.run
    WHERE u.run = p_run AND u.key_id = p_key_id AND r.key_id <> p_key_id)
$$;

-- of a run that has not ended
CREATE FUNCTION vault.reseal_run(p_run text) RETURNS vault.reseal_runs
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run vault.reseal_runs;
BEGIN
  IF vault.is_reseal_frozen('delegated-share') AND vault.is_reseal_frozen('server-key-shares') THEN
    RAISE EXCEPTION 'expected a vault that opens records, got a frozen one' USING ERRCODE = 'SV008';
  END IF;
  SELECT r.* INTO v_run FROM vault.reseal_runs AS r WHERE r.run = p_run AND r.ended_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a run that goes on, got another' USING ERRCODE = 'SV001';
  END IF;
  RETURN v_run;
END
$$;

-- Claims up to p_limit stale records of the keys that may be opened with, and logs that they are opened; the ticket holds
-- them. Only the procedure may call it, for the reasons of begin_unseal_delegated_share.
CREATE FUNCTION vault_api.begin_reseal(p_run text, p_key_ids text[], p_limit integer, p_request_id text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_stack text;
  v_now constant timestamptz := clock_timestamp();
  v_run vault.reseal_runs;
  v_key text;
  v_low text;
  v_high text;
  v_item record;
  v_total bigint := 0;
  v_kinds text[] := '{}';
  v_record_ids uuid[] := '{}';
  v_ticket constant uuid := gen_random_uuid();
BEGIN${calledBy('reseal_records', 'begin_reseal')}
  PERFORM vault.require_read_committed();
  PERFORM vault.require(num_nulls(p_run, p_key_ids, p_limit, p_request_id));
  PERFORM vault.require_ids(p_request_id);
  IF p_limit NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'expected 1 to 100 records, got more or none' USING ERRCODE = '22023';
  END IF;
  v_run := vault.reseal_run(p_run);
  FOREACH v_key IN ARRAY p_key_ids LOOP
    CONTINUE WHEN vault.is_passed_over(p_run, v_key);${BOUNDS}
${KINDS.map(claimsOf).join('')}
  END LOOP;${ISSUE_TICKET}
END
$$;

-- What is left of a run that could claim nothing: none; claimed by others; or frozen, of a kind that may not be opened.
CREATE FUNCTION vault_api.reseals_left(p_run text, p_key_ids text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run vault.reseal_runs;
  v_key text;
  v_low text;
  v_high text;
  v_left text := 'none';
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_key_ids));
  v_run := vault.reseal_run(p_run);
  FOREACH v_key IN ARRAY p_key_ids LOOP
    CONTINUE WHEN vault.is_passed_over(p_run, v_key);${BOUNDS}${KINDS.flatMap(({ kind, table }) =>
      SIDES.map(
        (side) => String.raw`
    IF EXISTS (SELECT FROM ${table} AS s WHERE ${isStale(side)}) THEN
      IF NOT vault.is_reseal_frozen('${kind}') THEN
        RETURN 'claimed';
      END IF;
      v_left := 'frozen';
    END IF;`,
      ),
    ).join('')}
  END LOOP;
  RETURN v_left;
END
$$;
`;

/** The record with what its encryption context is made of; bytes in hex. Superseded ones too: they need their key. */
const recordOf = ({ kind, table, sealed }: KindOfRecord): string => String.raw`
    WHEN '${kind}' THEN (SELECT json_build_object('kind', p_kind, 'record_id', s.id, 'wallet_id', s.wallet_id,
        'chain', s.chain, 'user_id', s.user_id, 'public_key', s.public_key, 'share_set_id', s.share_set_id,
        'properties_sha256', encode(s.properties_sha256, 'hex'), 'key_id', s.encryption_key_id,
        'key_material_id', s.key_material_id, ${Object.entries(sealed)
          .map(([name, column]) => `'${name}', encode(s.${column}, 'hex')`)
          .join(', ')})
      FROM ${table} AS s WHERE s.id = p_record_id)`;

export const REDEEM = String.raw`
CREATE FUNCTION vault.record_to_reseal(p_kind text, p_record_id uuid) RETURNS json
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE p_kind${KINDS.map(recordOf).join('')} END;
END
$$;

-- The records that a ticket stands for and that still exist: once, within 5 s, in the session that it was issued to, after
-- its log rows were committed.
CREATE FUNCTION vault_api.redeem_reseal(p_ticket uuid) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_ticket vault.reseal_tickets;
BEGIN
  PERFORM vault.require_read_committed();
  DELETE FROM vault.reseal_tickets AS t
    WHERE t.backend_pid = pg_backend_pid() AND t.login_role = session_user AND t.ticket = p_ticket
      AND t.issued_at BETWEEN v_now - interval '5 seconds' AND v_now
      AND pg_xact_status(t.begun_in) = 'committed'
      AND t.serial = currval('vault.unseal_serial')
    RETURNING t.* INTO v_ticket;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a ticket that this session committed within 5 s, got another' USING ERRCODE = 'SV003';
  END IF;
  PERFORM nextval('vault.unseal_serial');
  RETURN (SELECT coalesce(json_agg(r.record ORDER BY i.number), '[]')
    FROM unnest(v_ticket.kinds, v_ticket.record_ids) WITH ORDINALITY AS i (kind, record_id, number),
      LATERAL (SELECT vault.record_to_reseal(i.kind, i.record_id) AS record) AS r
    WHERE r.record IS NOT NULL AND NOT vault.is_reseal_frozen(i.kind));
END
$$;

CREATE PROCEDURE vault_api.reseal_records(
  p_run text, p_key_ids text[], p_limit integer, p_request_id text, OUT records json
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_ticket pg_catalog.uuid;
BEGIN
  -- fails in a transaction block before anything is looked up
  COMMIT;
  v_ticket := vault_api.begin_reseal(p_run, p_key_ids, p_limit, p_request_id);
  COMMIT;
  records := vault_api.redeem_reseal(v_ticket);
END
$$;
`;
