import { indexMigration } from './migration';

/**
 * Tombstones in a bucket outside the database. A wallet's own row is the outbox: a change of its tombstones, in any
 * transaction, makes them pending, and a note in the row names those that the bucket has.
 */

/** When a wallet's tombstones last changed; those of an earlier release have no time, and count as the oldest. */
const NOTED_AT = "coalesce(w.tombstoned_at, 'epoch'::timestamptz)";
const HAS_TOMBSTONE = '(w.revoked_until_ns IS NOT NULL OR w.server_key_shares_revoked_at IS NOT NULL)';
const IS_PENDING = `${HAS_TOMBSTONE} AND w.tombstone_kept IS DISTINCT FROM ${NOTED_AT}`;
const inTable = (sql: string): string => sql.replaceAll('w.', '');

export const KEPT_TOMBSTONES = String.raw`
-- time of the tombstones that the bucket has
ALTER TABLE vault.wallets ADD COLUMN tombstone_kept timestamptz;

-- newest first: a revocation's own before those that failed earlier
CREATE FUNCTION vault_api.pending_tombstones(p_limit integer) RETURNS TABLE (
  wallet_id text, chain text, revoked_until_ns bigint, server_key_shares_revoked_at timestamptz, noted_at text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_limit BETWEEN 1 AND 500) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 500 rows, got more or none' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY SELECT w.wallet_id::text, w.chain::text, w.revoked_until_ns, w.server_key_shares_revoked_at,
      to_char(${NOTED_AT} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    FROM vault.wallets AS w WHERE ${IS_PENDING}
    ORDER BY ${NOTED_AT} DESC LIMIT p_limit;
END
$$;

-- Notes that the bucket has the wallet's tombstones of that time. Those that changed since then stay pending.
CREATE FUNCTION vault_api.keep_tombstone(p_wallet_id text, p_chain text, p_noted_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain, p_noted_at));
  UPDATE vault.wallets AS w SET tombstone_kept = p_noted_at
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain AND ${NOTED_AT} = p_noted_at;
  RETURN FOUND;
END
$$;

-- Of those that nobody may be bringing there now, since a revocation takes seconds. At most 1,000: one is enough for the alarm.
CREATE FUNCTION vault_api.count_pending_tombstones() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT count(*) FROM (SELECT FROM vault.wallets AS w
    WHERE ${IS_PENDING} AND ${NOTED_AT} < clock_timestamp() - interval '1 minute' LIMIT 1000) AS pending);
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.pending_tombstones TO vault_receiver, vault_revoker;
GRANT EXECUTE ON FUNCTION vault_api.keep_tombstone TO vault_receiver, vault_revoker;
GRANT EXECUTE ON FUNCTION vault_api.count_pending_tombstones TO vault_receiver, vault_revoker;
`;

/** For what is pending, which is little: newest first. */
export const PENDING_TOMBSTONES = indexMigration('0033b-pending-tombstones', [
  {
    name: 'idx_wallets_tombstones_pending',
    table: 'wallets',
    columns: inTable(`(${NOTED_AT})`),
    where: inTable(IS_PENDING),
  },
]);
