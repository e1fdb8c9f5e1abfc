/**
 * Unsealing of both kinds, up to 100 records in one call, by the rule of 0011: every attempt is logged and committed
 * before its outcome leaves.
 */
const TICKETS = String.raw`
-- as vault.unseal_tickets: at most one a session, and a crash may lose it
CREATE UNLOGGED TABLE vault.batch_tickets (
  backend_pid integer PRIMARY KEY,
  ticket uuid NOT NULL,
  serial bigint NOT NULL,
  kinds text[] NOT NULL,
  outcomes text[] NOT NULL,
  record_ids uuid[] NOT NULL,
  login_role name NOT NULL,
  begun_in xid8 NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
) WITH (fillfactor = 50);

CREATE TYPE vault.unseal_item AS (kind text, wallet_id text, chain text, user_id text);
`;

/** What a later release adds to the function that begins an unseal. */
export interface BeginAdditions {
  /** the first branches of the expression that decides */
  readonly outcomes: string;
  /** a further column of the ticket, and its value */
  readonly column: string;
  readonly value: string;
}
export const NOTHING: BeginAdditions = { outcomes: '', column: '', value: '' };

export const beginUnsealRecords = ({ outcomes, column, value }: BeginAdditions): string => String.raw`
-- Logs every attempt, whatever comes of it, and returns a ticket that holds the outcomes. Only the procedure may call it,
-- for the reasons of begin_unseal_delegated_share. A record that would make the response too large is not granted.
CREATE FUNCTION vault_api.begin_unseal_records(p_items json, p_reason text, p_actor text, p_request_id text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_stack text;
  v_count integer;
  v_item record;
  v_wallet vault.wallets;
  v_known boolean;
  v_record_id uuid;
  v_user_id text;
  v_bytes bigint;
  v_total bigint := 0;
  v_outcome text;
  v_kinds text[];
  v_outcomes text[];
  v_record_ids uuid[];
  v_ticket constant uuid := gen_random_uuid();
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ '^([^\n]*?)([a-z_]+[.])?begin_unseal_records[(][^\n]*\n\1([a-z_]+[.])?unseal_records[(][^\n]*$' THEN
    RAISE EXCEPTION 'expected a call by unseal_records, got one by hand' USING ERRCODE = '55000';
  END IF;
  PERFORM vault.require_read_committed();
  PERFORM vault.require(num_nulls(p_items, p_actor, p_request_id));
  PERFORM vault.require_ids(p_actor, p_request_id);
  -- what the logs would refuse: the place of a failure after the lookup tells what was found
  PERFORM p_actor::vault.id, p_request_id::vault.id, pg_current_xact_id();
  IF p_reason IS DISTINCT FROM p_reason::varchar(200)::text THEN
    RAISE EXCEPTION 'expected a reason of at most 200 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
  v_count := json_array_length(p_items);
  IF v_count NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'expected 1 to 100 records, got more or none' USING ERRCODE = '22023';
  END IF;
  FOR v_item IN SELECT i.* FROM json_populate_recordset(NULL::vault.unseal_item, p_items) AS i LOOP
    PERFORM vault.require(num_nulls(v_item.kind, v_item.wallet_id, v_item.chain));
    PERFORM vault.require_ids(v_item.wallet_id, v_item.user_id);
    PERFORM vault.require_chain(v_item.chain);
    IF v_item.kind NOT IN ('delegated-share', 'server-key-shares') THEN
      RAISE EXCEPTION 'expected a kind of record, got another' USING ERRCODE = '22023';
    END IF;
  END LOOP;

  v_kinds := array_fill(NULL::text, ARRAY[v_count]);
  v_outcomes := v_kinds;
  v_record_ids := array_fill(NULL::uuid, ARRAY[v_count]);
  -- wallets are locked in the order of their names
  FOR v_item IN
    SELECT i.* FROM ROWS FROM (json_populate_recordset(NULL::vault.unseal_item, p_items))
        WITH ORDINALITY AS i (kind, wallet_id, chain, user_id, number)
      ORDER BY i.wallet_id COLLATE "C", i.chain COLLATE "C", i.number
  LOOP
    SELECT w.* INTO v_wallet FROM vault.wallets AS w
      WHERE w.wallet_id = v_item.wallet_id AND w.chain = v_item.chain FOR NO KEY UPDATE;
    v_known := FOUND;
    IF v_item.kind = 'delegated-share' THEN
      SELECT s.id, s.user_id, octet_length(s.encrypted_delegated_share) + octet_length(s.encrypted_wallet_api_key)
        INTO v_record_id, v_user_id, v_bytes FROM vault.delegated_shares AS s
        WHERE s.wallet_id = v_item.wallet_id AND s.chain = v_item.chain AND s.superseded_at IS NULL;
    ELSE
      SELECT s.id, s.user_id, octet_length(s.encrypted_server_key_shares)
        INTO v_record_id, v_user_id, v_bytes FROM vault.server_key_shares AS s
        WHERE s.wallet_id = v_item.wallet_id AND s.chain = v_item.chain AND s.superseded_at IS NULL;
    END IF;
    -- committed since the wallet was looked up: without the wallet's lock there is no row in its log, so no record
    IF NOT v_known THEN
      v_record_id := NULL;
    END IF;
    v_outcome := CASE${outcomes}
      WHEN CASE v_item.kind WHEN 'delegated-share' THEN v_wallet.revoked_at ELSE v_wallet.server_key_shares_revoked_at END
        IS NOT NULL THEN 'revoked'
      WHEN v_record_id IS NULL THEN 'not-found'
      WHEN v_item.user_id IS NOT NULL AND v_item.user_id IS DISTINCT FROM v_user_id THEN 'other-user'
      WHEN v_total + v_bytes > 3500000 THEN 'too-large'
      ELSE 'granted' END;
    IF v_known THEN
      PERFORM vault.append_log(v_item.wallet_id, v_item.chain, 'unseal', v_outcome, p_actor, p_request_id, v_record_id,
        p_reason);
    ELSE
      PERFORM vault.log_unknown_wallet(v_item.wallet_id, v_item.chain, p_actor, p_request_id, p_reason);
    END IF;
    IF v_outcome = 'granted' THEN
      v_total := v_total + v_bytes;
      IF v_item.kind = 'delegated-share' THEN
        UPDATE vault.delegated_shares AS s
          SET access_count = s.access_count + 1, last_accessed_at = clock_timestamp() WHERE s.id = v_record_id;
      ELSE
        UPDATE vault.server_key_shares AS s
          SET access_count = s.access_count + 1, last_accessed_at = clock_timestamp() WHERE s.id = v_record_id;
      END IF;
    END IF;
    v_kinds[v_item.number] := v_item.kind;
    v_outcomes[v_item.number] := v_outcome;
    v_record_ids[v_item.number] := v_record_id;
  END LOOP;
  -- a session that asked for lazy commits gets none here
  PERFORM set_config('synchronous_commit', 'on', true);
  INSERT INTO vault.batch_tickets AS t (backend_pid, ticket, serial, kinds, outcomes, record_ids, login_role, begun_in${column && `, ${column}`})
    VALUES (pg_backend_pid(), v_ticket, nextval('vault.unseal_serial'), v_kinds, v_outcomes, v_record_ids, session_user,
      pg_current_xact_id()${value && `, ${value}`})
    ON CONFLICT (backend_pid) DO UPDATE SET ticket = EXCLUDED.ticket, serial = EXCLUDED.serial, kinds = EXCLUDED.kinds,
      outcomes = EXCLUDED.outcomes, record_ids = EXCLUDED.record_ids, login_role = EXCLUDED.login_role,
      begun_in = EXCLUDED.begun_in, issued_at = EXCLUDED.issued_at${column && `, ${column} = EXCLUDED.${column}`};
  RETURN v_ticket;
END
$$;
`;

const UNSEALED_RECORD = String.raw`
-- One result: the outcome, and the record with its ciphertext if it was granted and still exists. Bytes in hex.
CREATE FUNCTION vault.unsealed_record(p_kind text, p_outcome text, p_record_id uuid) RETURNS json
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_result json;
BEGIN
  IF p_outcome <> 'granted' THEN
    RETURN json_build_object('outcome', p_outcome);
  END IF;
  IF p_kind = 'delegated-share' THEN
    SELECT json_build_object('outcome', p_outcome, 'record_id', s.id, 'user_id', s.user_id, 'public_key', s.public_key,
        'share_set_id', s.share_set_id, 'properties_sha256', encode(s.properties_sha256, 'hex'),
        'properties_changed', s.properties_sha256 <> w.properties_sha256, 'access_count', s.access_count,
        'delegated_share', encode(s.encrypted_delegated_share, 'hex'),
        'wallet_api_key', encode(s.encrypted_wallet_api_key, 'hex'))
      INTO v_result FROM vault.delegated_shares AS s
      JOIN vault.wallets AS w ON w.wallet_id = s.wallet_id AND w.chain = s.chain
      WHERE s.id = p_record_id AND s.superseded_at IS NULL;
  ELSE
    SELECT json_build_object('outcome', p_outcome, 'record_id', s.id, 'user_id', s.user_id, 'public_key', s.public_key,
        'share_set_id', s.share_set_id, 'properties_sha256', encode(s.properties_sha256, 'hex'),
        'properties_changed', s.properties_sha256 <> w.properties_sha256, 'access_count', s.access_count,
        'server_key_shares', encode(s.encrypted_server_key_shares, 'hex'))
      INTO v_result FROM vault.server_key_shares AS s
      JOIN vault.wallets AS w ON w.wallet_id = s.wallet_id AND w.chain = s.chain
      WHERE s.id = p_record_id AND s.superseded_at IS NULL;
  END IF;
  RETURN coalesce(v_result, json_build_object('outcome', 'changed'));
END
$$;
`;

/** @param outcome the outcome of item `i`, by the ticket or by what a later release looks up */
export const redeemRecords = (outcome: string): string => String.raw`
-- The results that a ticket stands for, in the items' order: once, even if this transaction is rolled back; within 5 s,
-- in the session that it was issued to, after its log rows were committed.
CREATE FUNCTION vault_api.redeem_records(p_ticket uuid) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_ticket vault.batch_tickets;
BEGIN
  PERFORM vault.require_read_committed();
  DELETE FROM vault.batch_tickets AS t
    WHERE t.backend_pid = pg_backend_pid() AND t.login_role = session_user AND t.ticket = p_ticket
      AND t.issued_at BETWEEN v_now - interval '5 seconds' AND v_now
      AND pg_xact_status(t.begun_in) = 'committed'
      AND t.serial = currval('vault.unseal_serial')
    RETURNING t.* INTO v_ticket;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a ticket that this session committed within 5 s, got another' USING ERRCODE = 'SV003';
  END IF;
  PERFORM nextval('vault.unseal_serial');
  RETURN (SELECT json_agg(vault.unsealed_record(i.kind, ${outcome}, i.record_id) ORDER BY i.number)
    FROM unnest(v_ticket.kinds, v_ticket.outcomes, v_ticket.record_ids) WITH ORDINALITY
      AS i (kind, outcome, record_id, number));
END
$$;
`;

const PROCEDURE = String.raw`
CREATE PROCEDURE vault_api.unseal_records(
  p_items json, p_reason text, p_actor text, p_request_id text, OUT results json
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_ticket pg_catalog.uuid;
BEGIN
  -- fails in a transaction block before anything is looked up
  COMMIT;
  v_ticket := vault_api.begin_unseal_records(p_items, p_reason, p_actor, p_request_id);
  COMMIT;
  results := vault_api.redeem_records(v_ticket);
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.begin_unseal_records TO vault_unsealer;
GRANT EXECUTE ON FUNCTION vault_api.redeem_records TO vault_unsealer;
GRANT EXECUTE ON PROCEDURE vault_api.unseal_records TO vault_unsealer;
`;

export const UNSEAL_RECORDS =
  TICKETS + beginUnsealRecords(NOTHING) + UNSEALED_RECORD + redeemRecords('i.outcome') + PROCEDURE;
