import { type BeginAdditions, NOTHING } from './0020-unseal-records.sql';

/** The procedure of the releases before 0020 grants no record that is committed between its two lookups. */
export const beginUnseal = ({ outcomes, column, value }: BeginAdditions): string => String.raw`
-- As before, but a wallet that it did not find, and so did not lock, has no record: the row of such an attempt would be in
-- the log of unknown wallets, and not in the wallet's own.
CREATE OR REPLACE FUNCTION vault_api.begin_unseal_delegated_share(
  p_wallet_id text, p_chain text, p_user_id text, p_reason text, p_actor text, p_request_id text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
DECLARE
  v_stack text;
  v_wallet vault.wallets;
  v_known boolean;
  v_record_id uuid;
  v_user_id text;
  v_outcome text;
  v_ticket constant uuid := gen_random_uuid();
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ '^([^\n]*?)([a-z_]+[.])?begin_unseal_delegated_share[(][^\n]*\n\1([a-z_]+[.])?unseal_delegated_share[(][^\n]*$'
  THEN
    RAISE EXCEPTION 'expected a call by unseal_delegated_share, got one by hand' USING ERRCODE = '55000';
  END IF;
  PERFORM vault.require_read_committed();
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain, p_actor, p_request_id));
  PERFORM vault.require_ids(p_wallet_id, p_user_id, p_actor, p_request_id);
  PERFORM vault.require_chain(p_chain);
  -- what the logs would refuse: the place of a failure after the lookup tells what was found
  PERFORM p_actor::vault.id, p_request_id::vault.id, pg_current_xact_id();
  IF p_reason IS DISTINCT FROM p_reason::varchar(200)::text THEN
    RAISE EXCEPTION 'expected a reason of at most 200 characters, got a longer one' USING ERRCODE = '22001';
  END IF;
  SELECT w.* INTO v_wallet FROM vault.wallets AS w
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain FOR NO KEY UPDATE;
  v_known := FOUND;
  SELECT s.id, s.user_id INTO v_record_id, v_user_id FROM vault.delegated_shares AS s
    WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain AND s.superseded_at IS NULL;
  IF NOT v_known THEN
    v_record_id := NULL;
  END IF;
  v_outcome := CASE${outcomes}
    WHEN v_wallet.revoked_at IS NOT NULL THEN 'revoked'
    WHEN v_record_id IS NULL THEN 'not-found'
    WHEN p_user_id IS NOT NULL AND p_user_id IS DISTINCT FROM v_user_id THEN 'other-user'
    ELSE 'granted' END;
  IF v_known THEN
    PERFORM vault.append_log(p_wallet_id, p_chain, 'unseal', v_outcome, p_actor, p_request_id, v_record_id, p_reason);
  ELSE
    PERFORM vault.log_unknown_wallet(p_wallet_id, p_chain, p_actor, p_request_id, p_reason);
  END IF;
  -- a session that asked for lazy commits gets none here
  PERFORM set_config('synchronous_commit', 'on', true);
  IF v_outcome = 'granted' THEN
    UPDATE vault.delegated_shares AS s SET access_count = s.access_count + 1, last_accessed_at = clock_timestamp()
      WHERE s.id = v_record_id;
  END IF;
  INSERT INTO vault.unseal_tickets AS t (backend_pid, ticket, serial, outcome, record_id, login_role, begun_in${column && `, ${column}`})
    VALUES (pg_backend_pid(), v_ticket, nextval('vault.unseal_serial'), v_outcome, v_record_id, session_user,
      pg_current_xact_id()${value && `, ${value}`})
    ON CONFLICT (backend_pid) DO UPDATE SET ticket = EXCLUDED.ticket, serial = EXCLUDED.serial,
      outcome = EXCLUDED.outcome, record_id = EXCLUDED.record_id, login_role = EXCLUDED.login_role,
      begun_in = EXCLUDED.begun_in, issued_at = EXCLUDED.issued_at${column && `, ${column} = EXCLUDED.${column}`};
  RETURN v_ticket;
END
$$;
`;

export const UNSEAL_OF_NEW_WALLETS = beginUnseal(NOTHING);
