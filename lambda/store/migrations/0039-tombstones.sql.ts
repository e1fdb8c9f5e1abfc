/**
 * Which part of a wallet's tombstones the bucket does not have, so that `receive` puts only those that a delivery makes: the
 * function that the internet reaches could forge another part, and the next replay would destroy server key shares for it.
 */

/** As of 0033. */
const NOTED_AT = "coalesce(w.tombstoned_at, 'epoch'::timestamptz)";
const IS_PENDING = `(w.revoked_until_ns IS NOT NULL OR w.server_key_shares_revoked_at IS NOT NULL)
      AND w.tombstone_kept IS DISTINCT FROM ${NOTED_AT}`;

/** Notes tombstones of many wallets at once, and skips those that another transaction holds: it notes them, or they change. */
const keepAll = (name: string, where = ''): string => String.raw`
CREATE FUNCTION vault_api.${name}(p_wallet_ids text[], p_chains text[], p_noted_at timestamptz[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_kept bigint;
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_ids, p_chains, p_noted_at));
  WITH kept AS (
    SELECT w.wallet_id, w.chain, k.noted_at FROM unnest(p_wallet_ids, p_chains, p_noted_at) AS k (wallet_id, chain, noted_at)
      JOIN vault.wallets AS w ON w.wallet_id = k.wallet_id AND w.chain = k.chain
      WHERE ${NOTED_AT} = k.noted_at${where} FOR NO KEY UPDATE OF w SKIP LOCKED
  )
  UPDATE vault.wallets AS w SET tombstone_kept = k.noted_at FROM kept AS k
    WHERE w.wallet_id = k.wallet_id AND w.chain = k.chain;
  GET DIAGNOSTICS v_kept = ROW_COUNT;
  RETURN v_kept;
END
$$;
`;

export const PENDING_BY_PART = String.raw`
-- whether only the tombstone of delegated shares changed since the bucket had the others of the wallet, if there are any
ALTER TABLE vault.wallets ADD COLUMN only_delegated boolean;

CREATE OR REPLACE FUNCTION vault.note_tombstone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.only_delegated := NEW.server_key_shares_revoked_at IS NOT DISTINCT FROM OLD.server_key_shares_revoked_at
    AND (OLD.server_key_shares_revoked_at IS NULL OR OLD.only_delegated IS TRUE
      OR OLD.tombstone_kept IS NOT DISTINCT FROM coalesce(OLD.tombstoned_at, 'epoch'::timestamptz));
  NEW.tombstoned_at := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE FUNCTION vault_api.pending_delegated_tombstones(p_limit integer) RETURNS TABLE (
  wallet_id text, chain text, revoked_until_ns bigint, noted_at text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_limit BETWEEN 1 AND 500) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 500 rows, got more or none' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY SELECT w.wallet_id::text, w.chain::text, w.revoked_until_ns,
      to_char(${NOTED_AT} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    FROM vault.wallets AS w WHERE ${IS_PENDING} AND w.only_delegated AND w.revoked_until_ns IS NOT NULL
    ORDER BY ${NOTED_AT} DESC LIMIT p_limit;
END
$$;
${keepAll('keep_tombstones')}
${keepAll('keep_delegated_tombstones', ' AND w.only_delegated')}
GRANT EXECUTE ON FUNCTION vault_api.pending_delegated_tombstones TO vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.keep_delegated_tombstones TO vault_receiver;
GRANT EXECUTE ON FUNCTION vault_api.keep_tombstones TO vault_revoker;

-- The function receive of the earlier release calls these in the minutes of a deploy and after a rollback: for its login they have the
-- tombstones only that it may bring. vault_revoker keeps keep_tombstone for a rollback too.
CREATE OR REPLACE FUNCTION vault_api.pending_tombstones(p_limit integer) RETURNS TABLE (
  wallet_id text, chain text, revoked_until_ns bigint, server_key_shares_revoked_at timestamptz, noted_at text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_limit BETWEEN 1 AND 500) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 500 rows, got more or none' USING ERRCODE = '22023';
  END IF;
  IF session_user = 'vault_receiver' THEN
    RETURN QUERY SELECT d.wallet_id, d.chain, d.revoked_until_ns, NULL::timestamptz, d.noted_at
      FROM vault_api.pending_delegated_tombstones(p_limit) AS d;
    RETURN;
  END IF;
  RETURN QUERY SELECT w.wallet_id::text, w.chain::text, w.revoked_until_ns, w.server_key_shares_revoked_at,
      to_char(${NOTED_AT} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    FROM vault.wallets AS w WHERE ${IS_PENDING}
    ORDER BY ${NOTED_AT} DESC LIMIT p_limit;
END
$$;

CREATE OR REPLACE FUNCTION vault_api.keep_tombstone(p_wallet_id text, p_chain text, p_noted_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_wallet_id, p_chain, p_noted_at));
  UPDATE vault.wallets AS w SET tombstone_kept = p_noted_at
    WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain AND ${NOTED_AT} = p_noted_at
      AND (session_user <> 'vault_receiver' OR w.only_delegated);
  RETURN FOUND;
END
$$;
`;
