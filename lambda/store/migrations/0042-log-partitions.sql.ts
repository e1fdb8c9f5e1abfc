/**
 * The access log in partitions. The table of before becomes the default partition, as it is: no row is read or moved while it is
 * locked. Its span is closed later (0043), beside reads and writes.
 */
export const LOG_PARTITIONS = String.raw`
LOCK TABLE vault.share_access_log IN ACCESS EXCLUSIVE MODE;
ALTER TABLE vault.share_access_log RENAME TO share_access_log_default;
ALTER INDEX vault.share_access_log_pkey RENAME TO share_access_log_default_pkey;

-- Each partition has its primary key (wallet_id, chain, sequence). Over all of them none is possible without the time: rows are
-- numbered by the wallet's row, under its lock, and a number that is there twice breaks the chain.
CREATE TABLE vault.share_access_log (LIKE vault.share_access_log_default) PARTITION BY RANGE (at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.share_access_log
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.share_access_log ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER make_durable BEFORE INSERT OR UPDATE OR DELETE ON vault.share_access_log
  FOR EACH STATEMENT EXECUTE FUNCTION vault.make_durable();
ALTER TABLE vault.share_access_log ATTACH PARTITION vault.share_access_log_default DEFAULT;

-- as of 0010, of the new table's rows; the other one is dropped by 0043, after calls that use it now
CREATE FUNCTION vault.log_hash(p_row vault.share_access_log) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.sha256((p_row).previous_hash
    || vault.log_column('wallet_id', (p_row).wallet_id)
    || vault.log_column('chain', (p_row).chain)
    || vault.log_column('sequence', (p_row).sequence::text)
    || vault.log_column('at', vault.log_time((p_row).at))
    || vault.log_column('action', (p_row).action)
    || vault.log_column('outcome', (p_row).outcome)
    || vault.log_column('actor', (p_row).actor)
    || vault.log_column('request_id', (p_row).request_id)
    || vault.log_column('record_id', (p_row).record_id::text)
    || vault.log_column('reason', (p_row).reason))
$$;

-- as of 0010: compiled again, since its row has another type
CREATE OR REPLACE FUNCTION vault.append_log(
  p_wallet_id text, p_chain text, p_action text, p_outcome text, p_actor text, p_request_id text,
  p_record_id uuid, p_reason text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row vault.share_access_log;
  v_stored bytea;
BEGIN
  PERFORM vault.require(num_nulls(p_action, p_outcome, p_actor, p_request_id));
  SELECT p_wallet_id, p_chain, w.log_length + 1, date_trunc('milliseconds', clock_timestamp()), p_action, p_outcome,
      p_actor, p_request_id, p_record_id, p_reason, w.log_head, w.log_head
    INTO STRICT v_row.wallet_id, v_row.chain, v_row.sequence, v_row.at, v_row.action, v_row.outcome,
      v_row.actor, v_row.request_id, v_row.record_id, v_row.reason, v_row.previous_hash, v_row.hash
    FROM vault.wallets AS w WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  IF (v_row.wallet_id::text, v_row.chain::text, v_row.action::text, v_row.outcome::text, v_row.actor::text,
      v_row.request_id::text, v_row.reason::text)
    IS DISTINCT FROM (p_wallet_id, p_chain, p_action, p_outcome, p_actor, p_request_id, p_reason)
  THEN
    RAISE EXCEPTION 'expected values that the log holds whole, got a longer one' USING ERRCODE = '22001';
  END IF;
  v_row.hash := vault.log_hash(v_row);
  INSERT INTO vault.share_access_log AS l SELECT v_row.* RETURNING vault.log_hash(l) INTO v_stored;
  IF v_stored IS DISTINCT FROM v_row.hash THEN
    RAISE EXCEPTION 'expected the log to store the row that was hashed, got another' USING ERRCODE = 'SV004';
  END IF;
  UPDATE vault.wallets AS w SET log_length = v_row.sequence, log_head = v_row.hash
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
END
$$;

-- as of 0017, of the new table and of archived rows; as a text, or it would be of one partition
CREATE OR REPLACE FUNCTION vault.is_known(p_wallet vault.wallets) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (p_wallet).newest_event_ns IS NOT NULL
    OR EXISTS (SELECT FROM vault.share_access_log AS l
      WHERE l.wallet_id = (p_wallet).wallet_id AND l.chain = (p_wallet).chain AND l.action <> 'revoke')
    OR EXISTS (SELECT FROM vault.log_bases AS b
      WHERE b.wallet_id = (p_wallet).wallet_id AND b.chain = (p_wallet).chain AND b.known)
$$;
`;
