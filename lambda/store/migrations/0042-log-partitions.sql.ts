/**
 * The access log in partitions. The table of before becomes the default partition, as it is: no row is read or moved while it is
 * locked. Its span is closed later (0043), beside reads and writes. Calls that wait for this lock go on with the new table, since
 * none has a variable of the former one's type any more (0041).
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

-- as of 0017, of the new table and of archived rows; as a text, or it would be of one partition
CREATE OR REPLACE FUNCTION vault.is_known(p_wallet vault.wallets) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (p_wallet).newest_event_ns IS NOT NULL
    OR EXISTS (SELECT FROM vault.share_access_log AS l
      WHERE l.wallet_id = (p_wallet).wallet_id AND l.chain = (p_wallet).chain AND l.action <> 'revoke')
    OR EXISTS (SELECT FROM vault.log_bases AS b
      WHERE b.wallet_id = (p_wallet).wallet_id AND b.chain = (p_wallet).chain AND b.known)
$$;
`;
