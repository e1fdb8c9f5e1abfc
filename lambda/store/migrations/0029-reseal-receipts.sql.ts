import { ISSUE_TICKET, calledBy } from './0029-reseal-begin.sql';
import { KINDS, type KindOfRecord } from './0029-reseal-kinds';

/** The first record of a kind from a random id on that is under one of the keys. */
const nextOf = ({ kind, table }: KindOfRecord): string => String.raw`
        (SELECT '${kind}' AS kind, s.id, s.wallet_id, s.chain FROM ${table} AS s
          WHERE s.id >= v_from AND s.encryption_key_id = ANY (p_key_ids) AND s.id <> ALL (v_passed)
            AND NOT vault.is_reseal_frozen('${kind}') ORDER BY s.id LIMIT 1)`;

const requireOpenable = ({ kind, table }: KindOfRecord): string => String.raw`
  IF p_all_kinds AND vault.is_reseal_frozen('${kind}')
    AND EXISTS (SELECT FROM ${table} AS s WHERE s.encryption_key_id = ANY (p_key_ids))
  THEN
    RAISE EXCEPTION 'expected kinds that may be opened, got a frozen one' USING ERRCODE = 'SV008';
  END IF;`;

const failureOf = ({ kind, table }: KindOfRecord): string => String.raw`
    SELECT p_run, s.id, '${kind}', s.wallet_id, s.chain, p_code FROM ${table} AS s WHERE s.id = p_record_id`;

/** A sample of what a run left, opened to be compared with its rows: an opening as every other. */
export const SAMPLE = String.raw`
-- Chooses up to p_limit records by random ids, none of p_seen, and logs that they are opened; the ticket holds them. A
-- wallet that another session holds is passed over. So is a frozen kind, unless p_all_kinds says that it refuses the sample.
CREATE FUNCTION vault_api.begin_reseal_sample(
  p_key_ids text[], p_seen uuid[], p_all_kinds boolean, p_limit integer, p_request_id text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_stack text;
  v_item record;
  v_from uuid;
  v_passed uuid[] := p_seen;
  v_kinds text[] := '{}';
  v_record_ids uuid[] := '{}';
  v_ticket constant uuid := gen_random_uuid();
BEGIN${calledBy('sample_reseals', 'begin_reseal_sample')}
  PERFORM vault.require_read_committed();
  PERFORM vault.require(num_nulls(p_key_ids, p_seen, p_all_kinds, p_limit, p_request_id));
  PERFORM vault.require_ids(p_request_id);
  IF p_limit NOT BETWEEN 1 AND 50 OR cardinality(p_seen) > 2000 THEN
    RAISE EXCEPTION 'expected 1 to 50 records, and at most 2000 former ones, got others' USING ERRCODE = '22023';
  END IF;${KINDS.map(requireOpenable).join('')}
  FOR v_number IN 1..p_limit LOOP
    -- after the last id, the first one
    FOREACH v_from IN ARRAY ARRAY[gen_random_uuid(), '00000000-0000-0000-0000-000000000000'::uuid] LOOP
      SELECT n.* INTO v_item FROM (${KINDS.map(nextOf).join('\n      UNION ALL')}) AS n ORDER BY n.id LIMIT 1;
      EXIT WHEN FOUND;
    END LOOP;
    EXIT WHEN v_item.id IS NULL;
    v_passed := v_passed || v_item.id;
    PERFORM FROM vault.wallets AS w WHERE w.wallet_id = v_item.wallet_id AND w.chain = v_item.chain
      FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    PERFORM vault.append_log(v_item.wallet_id, v_item.chain, 'reseal', 'verified', 'vault:reseal', p_request_id,
      v_item.id, NULL);
    v_kinds := v_kinds || v_item.kind;
    v_record_ids := v_record_ids || v_item.id;
  END LOOP;${ISSUE_TICKET}
END
$$;

CREATE PROCEDURE vault_api.sample_reseals(
  p_key_ids text[], p_seen uuid[], p_all_kinds boolean, p_limit integer, p_request_id text, OUT records json
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  v_ticket pg_catalog.uuid;
BEGIN
  COMMIT;
  v_ticket := vault_api.begin_reseal_sample(p_key_ids, p_seen, p_all_kinds, p_limit, p_request_id);
  COMMIT;
  records := vault_api.redeem_reseal(v_ticket);
END
$$;

-- A record of the sample that did not open, or that another material opened than its row has: by the code of the reason.
-- Before the run's receipt.
CREATE FUNCTION vault_api.note_reseal_failure(p_run text, p_record_id uuid, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_record_id, p_code));
  IF p_code !~ '^[A-Za-z]{1,32}$' THEN
    RAISE EXCEPTION 'expected the code of a failure, got something else' USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM vault.reseal_receipts AS w WHERE w.run = p_run) THEN
    RAISE EXCEPTION 'expected a run without a receipt, got another' USING ERRCODE = 'SV001';
  END IF;
  INSERT INTO vault.reseal_failures AS f (run, record_id, kind, wallet_id, chain, code)${KINDS.map(failureOf).join(
    '\n    UNION ALL',
  )}
    ON CONFLICT (run, record_id) DO NOTHING;
END
$$;
`;

export const RECEIPTS = String.raw`
-- what a run did, as it was written at its end; append-only, as the access log
CREATE TABLE vault.reseal_receipts (
  run text PRIMARY KEY REFERENCES vault.reseal_runs,
  written_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  -- canonical JSON
  receipt text NOT NULL,
  -- of the receipt in UTF-8
  sha256 vault.sha256 NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.reseal_receipts
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.reseal_receipts ENABLE ALWAYS TRIGGER append_only;

-- Of a run that ended. Written twice, the first one remains: the response is the one that is stored.
CREATE FUNCTION vault_api.write_reseal_receipt(p_run text, p_receipt text) RETURNS TABLE (receipt text, sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_run, p_receipt));
  IF octet_length(p_receipt) > 65536 THEN
    RAISE EXCEPTION 'expected a receipt of at most 64 KiB, got a longer one' USING ERRCODE = '22001';
  END IF;
  IF NOT EXISTS (SELECT FROM vault.reseal_runs AS r WHERE r.run = p_run AND r.ended_at IS NOT NULL) THEN
    RAISE EXCEPTION 'expected a run that ended, got another' USING ERRCODE = 'SV001';
  END IF;
  INSERT INTO vault.reseal_receipts AS r (run, receipt, sha256)
    VALUES (p_run, p_receipt, pg_catalog.sha256(convert_to(p_receipt, 'UTF8'))) ON CONFLICT (run) DO NOTHING;
  RETURN QUERY SELECT r.receipt, r.sha256::bytea FROM vault.reseal_receipts AS r WHERE r.run = p_run;
END
$$;

-- of one run, or the last 50, newest first
CREATE FUNCTION vault_api.reseal_receipts(p_run text) RETURNS TABLE (
  run text, written_at timestamptz, receipt text, sha256 bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.run, r.written_at, r.receipt, r.sha256 FROM vault.reseal_receipts AS r
    WHERE p_run IS NULL OR r.run = p_run ORDER BY r.written_at DESC LIMIT 50
$$;

-- A page of the wallets' log heads as they were at a time, a line each, in the order of the wallets' names. Whoever asks
-- again for that time gets the same, as long as nobody changed the log.
CREATE FUNCTION vault_api.chain_heads_at(p_at timestamptz, p_after_wallet_id text, p_after_chain text, p_limit integer)
RETURNS TABLE (wallets bigint, heads text, last_wallet_id text, last_chain text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH page AS (
    SELECT w.wallet_id::text, w.chain::text FROM vault.wallets AS w
      WHERE (w.wallet_id, w.chain) > (coalesce(p_after_wallet_id, ''), coalesce(p_after_chain, ''))
      ORDER BY w.wallet_id, w.chain LIMIT least(greatest(p_limit, 1), 5000)
  ), lines AS (
    SELECT p.wallet_id, p.chain, l.sequence, l.hash FROM page AS p LEFT JOIN LATERAL (
      SELECT l.sequence, l.hash FROM vault.share_access_log AS l
        WHERE l.wallet_id = p.wallet_id AND l.chain = p.chain AND l.at <= p_at ORDER BY l.sequence DESC LIMIT 1
    ) AS l ON true
  )
  SELECT count(l.sequence),
      string_agg(concat_ws(E'\t', l.wallet_id, l.chain, l.sequence, encode(l.hash, 'hex')) || E'\n', ''
        ORDER BY l.wallet_id, l.chain) FILTER (WHERE l.sequence IS NOT NULL),
      (array_agg(l.wallet_id ORDER BY l.wallet_id DESC, l.chain DESC))[1],
      (array_agg(l.chain ORDER BY l.wallet_id DESC, l.chain DESC))[1]
    FROM lines AS l
$$;
`;
