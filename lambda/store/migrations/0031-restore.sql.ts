import { LIST_FREEZES } from './0031-restore-freezes.sql';

/**
 * A restored database has the state of its backup: shares that were revoked since then are there again. So it is born
 * frozen, and can be thawed only after the tombstones of the former database were replayed.
 */

const GENERATIONS = String.raw`
-- The databases that deploys put behind this vault, by RDS's ids of their clusters. One row each.
CREATE TABLE vault.generations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  generation varchar(64) NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

ALTER TABLE vault.freezes
  ADD COLUMN needs_replay boolean NOT NULL DEFAULT false,
  -- A backup's newest row in the access logs, less a minute, since no transaction lasts one: revocations from then
  -- until the freeze may be missing.
  ADD COLUMN replay_since timestamptz,
  -- from replay_since up to this time tombstones were replayed without a gap
  ADD COLUMN replayed_until timestamptz;

CREATE FUNCTION vault.replay_time(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN isfinite(p_at) THEN vault.log_time(p_at) ELSE 'the beginning' END
$$;

CREATE FUNCTION vault.require_replay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.needs_replay AND (NOT NEW.needs_replay OR (NEW.replayed_until >= OLD.frozen_at) IS NOT TRUE) THEN
    RAISE EXCEPTION 'expected tombstones that were replayed until %, got those until %',
      vault.replay_time(OLD.frozen_at), vault.replay_time(coalesce(NEW.replayed_until, OLD.replay_since))
      USING ERRCODE = 'SV001';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER require_replay BEFORE UPDATE ON vault.freezes FOR EACH ROW
  WHEN (NEW.thawed_at IS NOT NULL AND OLD.thawed_at IS NULL OR OLD.needs_replay AND NOT NEW.needs_replay)
  EXECUTE FUNCTION vault.require_replay();
ALTER TABLE vault.freezes ENABLE ALWAYS TRIGGER require_replay;

-- Freezes a database that was put behind the vault since the former deploy. The first deploy that asks is not one.
CREATE FUNCTION vault.note_generation(p_generation text, p_request_id text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_former text;
  v_freeze_id bigint;
BEGIN
  SELECT g.generation INTO v_former FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1;
  IF v_former = p_generation THEN
    RETURN false;
  END IF;
  INSERT INTO vault.generations (generation) VALUES (p_generation);
  IF v_former IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO vault.freezes (scope, reason, frozen_by, request_id, needs_replay, replay_since)
    SELECT 'all', 'another database: replay the tombstones', 'vault:migrate', p_request_id, true,
        coalesce(max(l.at) - interval '1 minute', '-infinity') FROM vault.share_access_log AS l
    RETURNING id INTO v_freeze_id;
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id, reason)
    VALUES (v_freeze_id, 'freeze', 'vault:migrate', p_request_id, 'another database: replay the tombstones');
  RETURN true;
END
$$;
`;

const TOMBSTONES = String.raw`
-- When the wallet's tombstones last changed: not known of those of an earlier release. Nothing is filled in, since the table
-- is locked until the migration is done.
ALTER TABLE vault.wallets ADD COLUMN tombstoned_at timestamptz;

-- whatever revokes
CREATE FUNCTION vault.note_tombstone() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.tombstoned_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE TRIGGER note_tombstone BEFORE UPDATE OF revoked_until_ns, server_key_shares_revoked_at ON vault.wallets
  FOR EACH ROW WHEN (NEW.revoked_until_ns IS DISTINCT FROM OLD.revoked_until_ns
    OR NEW.server_key_shares_revoked_at IS DISTINCT FROM OLD.server_key_shares_revoked_at)
  EXECUTE FUNCTION vault.note_tombstone();
ALTER TABLE vault.wallets ENABLE ALWAYS TRIGGER note_tombstone;

-- by wallet and chain, those that changed since a time, or that an earlier release made
CREATE FUNCTION vault_api.list_tombstones(
  p_after_wallet_id text, p_after_chain text, p_since timestamptz, p_limit integer
) RETURNS TABLE (
  wallet_id text, chain text, revoked_until_ns bigint, server_key_shares_revoked_at timestamptz
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_limit BETWEEN 1 AND 500) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected 1 to 500 rows, got more or none' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY SELECT w.wallet_id::text, w.chain::text, w.revoked_until_ns, w.server_key_shares_revoked_at
    FROM vault.wallets AS w WHERE (w.revoked_until_ns IS NOT NULL OR w.server_key_shares_revoked_at IS NOT NULL)
      AND (p_since IS NULL OR w.tombstoned_at IS NULL OR w.tombstoned_at >= p_since)
      AND (p_after_wallet_id IS NULL OR (w.wallet_id, w.chain) > (p_after_wallet_id, p_after_chain))
    ORDER BY w.wallet_id, w.chain LIMIT p_limit;
END
$$;
`;

const REPLAY = String.raw`
-- The records that the tombstone is newer than are destroyed: applied; or there are none, and the wallet has this
-- tombstone or a later one: known. In any order, and any number of times.
CREATE FUNCTION vault_api.apply_tombstone(
  p_wallet_id text, p_chain text, p_revoked_until_ns bigint, p_server_key_shares_revoked_at timestamptz,
  p_reason text, p_actor text, p_request_id text, OUT outcome text, OUT destroyed bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wallet vault.wallets;
  v_delegated boolean;
  v_server boolean;
  v_live_is_newer boolean;
  v_shares bigint := 0;
  v_key_shares bigint := 0;
BEGIN
  PERFORM vault.require_ids(p_actor, p_request_id);
  PERFORM vault.require_reason(p_reason);
  IF num_nulls(p_revoked_until_ns, p_server_key_shares_revoked_at) = 2
    OR p_server_key_shares_revoked_at > clock_timestamp() + interval '10 minutes'
  THEN
    RAISE EXCEPTION 'expected a tombstone of the past, got another' USING ERRCODE = '22023';
  END IF;
  PERFORM vault.require_event_ns(p_revoked_until_ns);
  v_wallet := vault.lock_wallet(p_wallet_id, p_chain);
  v_delegated := p_revoked_until_ns > coalesce(v_wallet.revoked_until_ns, -1);
  v_server := p_server_key_shares_revoked_at IS NOT NULL AND v_wallet.server_key_shares_revoked_at IS NULL;
  IF v_delegated THEN
    v_live_is_newer := EXISTS (SELECT FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id
      AND s.chain = p_chain AND s.superseded_at IS NULL AND s.order_ns > p_revoked_until_ns);
    DELETE FROM vault.delegated_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain
      AND (NOT v_live_is_newer OR s.order_ns IS NULL OR s.order_ns <= p_revoked_until_ns);
    GET DIAGNOSTICS v_shares = ROW_COUNT;
    UPDATE vault.wallets AS w SET revoked_until_ns = p_revoked_until_ns,
        revoked_at = CASE WHEN v_live_is_newer THEN NULL ELSE coalesce(w.revoked_at, clock_timestamp()) END
      WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  END IF;
  IF v_server THEN
    DELETE FROM vault.server_key_shares AS s WHERE s.wallet_id = p_wallet_id AND s.chain = p_chain;
    GET DIAGNOSTICS v_key_shares = ROW_COUNT;
    -- backups since the restore have the key shares: until when they are readable counts from now on
    UPDATE vault.wallets AS w SET server_key_shares_revoked_at = clock_timestamp()
      WHERE w.wallet_id = p_wallet_id AND w.chain = p_chain;
  END IF;
  destroyed := v_shares + v_key_shares;
  v_delegated := coalesce(v_delegated, false) AND NOT coalesce(v_live_is_newer, false);
  IF v_delegated OR v_server OR destroyed > 0 THEN
    PERFORM vault.append_log(p_wallet_id, p_chain, 'revoke', CASE WHEN v_delegated AND v_server THEN 'revoked'
        WHEN v_delegated THEN 'delegated-share-revoked' WHEN v_server THEN 'server-key-shares-revoked'
        ELSE 'superseded-destroyed' END, p_actor, p_request_id, NULL, p_reason);
    outcome := 'applied';
  ELSE
    outcome := 'known';
  END IF;
END
$$;

-- States that all tombstones from one time up to another were replayed; no beginning is the first of all. A freeze can be
-- thawed once they reach from the backup until the freeze. Several lists may do so, if none leaves a gap.
CREATE FUNCTION vault_api.finish_replay(
  p_since timestamptz, p_until timestamptz, p_actor text, p_request_id text,
  OUT freezes bigint, OUT missing_since timestamptz, OUT missing_until timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_since constant timestamptz := coalesce(p_since, '-infinity');
  v_covered timestamptz;
BEGIN
  PERFORM vault.require(num_nulls(p_until, p_actor, p_request_id));
  PERFORM vault.require_ids(p_actor, p_request_id);
  IF (p_until BETWEEN v_since AND clock_timestamp() + interval '10 minutes') IS NOT TRUE OR NOT isfinite(p_until) THEN
    RAISE EXCEPTION 'expected times of the past, one after the other, got others' USING ERRCODE = '22023';
  END IF;
  PERFORM FROM vault.freezes AS f WHERE f.needs_replay AND f.thawed_at IS NULL ORDER BY f.id FOR UPDATE;
  SELECT min(coalesce(f.replayed_until, f.replay_since)) INTO v_covered
    FROM vault.freezes AS f WHERE f.needs_replay AND f.thawed_at IS NULL;
  IF v_since > v_covered THEN
    RAISE EXCEPTION 'expected tombstones since % or earlier, got those since %',
      vault.replay_time(v_covered), vault.replay_time(v_since) USING ERRCODE = 'SV001';
  END IF;
  WITH replayed AS (
    UPDATE vault.freezes AS f SET replayed_until = greatest(f.replayed_until, f.replay_since, p_until)
      WHERE f.needs_replay AND f.thawed_at IS NULL RETURNING f.id
  )
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id, reason)
    SELECT r.id, 'replay', p_actor, p_request_id,
        'tombstones since ' || vault.replay_time(v_since) || ' until ' || vault.replay_time(p_until) FROM replayed AS r;
  SELECT count(*) FILTER (WHERE f.replayed_until >= f.frozen_at),
      min(f.replayed_until) FILTER (WHERE f.replayed_until < f.frozen_at),
      -- callers read milliseconds
      max(f.frozen_at) FILTER (WHERE f.replayed_until < f.frozen_at) + interval '1 millisecond'
    INTO freezes, missing_since, missing_until
    FROM vault.freezes AS f WHERE f.needs_replay AND f.thawed_at IS NULL;
END
$$;

GRANT EXECUTE ON FUNCTION vault_api.list_tombstones TO vault_auditor;
GRANT EXECUTE ON FUNCTION vault_api.apply_tombstone TO vault_revoker;
GRANT EXECUTE ON FUNCTION vault_api.finish_replay TO vault_revoker;
`;

// wallets first: openings lock theirs before they read the freezes
export const RESTORE = TOMBSTONES + GENERATIONS + REPLAY + LIST_FREEZES;
