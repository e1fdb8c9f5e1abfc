import { beginUnsealRecords, redeemRecords } from './0020-unseal-records.sql';
import { beginUnseal } from './0022-unseal-of-new-wallets.sql';

/**
 * Freezing: while it lasts nothing is opened, of all records or of those that it names. One person freezes; to thaw takes
 * one who asks and another who confirms.
 */

const FREEZES = String.raw`
CREATE TABLE vault.freezes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- all: nothing is opened; callers: reseals go on; actor, kind: those of a name
  scope varchar(8) NOT NULL CONSTRAINT scope CHECK (scope IN ('all', 'callers', 'actor', 'kind')),
  name varchar(255),
  reason varchar(200) NOT NULL,
  frozen_by vault.id NOT NULL,
  frozen_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  request_id vault.id NOT NULL UNIQUE,
  thaw_requested_by vault.id,
  thaw_requested_at timestamptz,
  thawed_by vault.id,
  thawed_at timestamptz,
  thaw_request_id vault.id,
  CONSTRAINT named CHECK ((name IS NULL) = (scope IN ('all', 'callers'))),
  CONSTRAINT asked CHECK ((thaw_requested_by IS NULL) = (thaw_requested_at IS NULL)),
  CONSTRAINT thawed CHECK ((thawed_by IS NULL) = (thawed_at IS NULL)
    AND (thawed_by IS NULL OR thawed_by <> thaw_requested_by))
);
-- empty while nothing is frozen
CREATE INDEX idx_freezes_in_force ON vault.freezes (scope) WHERE thawed_at IS NULL;

-- what was done, and by whom; append-only, as the access log
CREATE TABLE vault.freeze_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  freeze_id bigint NOT NULL,
  action varchar(16) NOT NULL,
  actor vault.id NOT NULL,
  request_id vault.id NOT NULL,
  reason varchar(200)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.freeze_log
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
ALTER TABLE vault.freeze_log ENABLE ALWAYS TRIGGER append_only;

-- Whether a caller's opening is frozen. In plpgsql, which keeps the plan for the session: in SQL each transaction would
-- plan it again, which makes an unseal a fifth slower.
CREATE FUNCTION vault.is_frozen(p_actor text, p_kind text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM vault.freezes AS f WHERE f.thawed_at IS NULL AND (f.scope IN ('all', 'callers')
    OR f.scope = 'actor' AND f.name = p_actor OR f.scope = 'kind' AND f.name = p_kind));
END
$$;

-- how many freezes are in force: of the alarm, which stays until there is none
CREATE FUNCTION vault.freezes_in_force() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM vault.freezes AS f WHERE f.thawed_at IS NULL
$$;

-- of the logs: whatever the caller's limits are, none is cut
CREATE FUNCTION vault.require_reason(p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_reason));
  IF p_reason = '' OR p_reason IS DISTINCT FROM p_reason::varchar(200)::text THEN
    RAISE EXCEPTION 'expected a reason of 1 to 200 characters, got another' USING ERRCODE = '22001';
  END IF;
END
$$;

-- Has its effect with the next statement of every session. It waits for nobody: no opening in progress can hold it up.
CREATE FUNCTION vault_api.freeze(
  p_scope text, p_name text, p_reason text, p_actor text, p_request_id text,
  OUT freeze_id bigint, OUT frozen_at timestamptz, OUT in_force bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vault.require(num_nulls(p_scope, p_actor, p_request_id));
  PERFORM vault.require_ids(p_actor, p_request_id, p_name);
  PERFORM vault.require_reason(p_reason);
  IF p_scope NOT IN ('all', 'callers', 'actor', 'kind') OR (p_name IS NULL) <> (p_scope IN ('all', 'callers'))
    OR (p_scope = 'kind' AND p_name NOT IN ('delegated-share', 'server-key-shares'))
  THEN
    RAISE EXCEPTION 'expected all, callers, an actor or a kind, got something else' USING ERRCODE = '22023';
  END IF;
  INSERT INTO vault.freezes AS f (scope, name, reason, frozen_by, request_id)
    VALUES (p_scope, p_name, p_reason, p_actor, p_request_id)
    ON CONFLICT (request_id) DO NOTHING RETURNING f.id, f.frozen_at INTO freeze_id, frozen_at;
  IF NOT FOUND THEN
    -- another try of the same request, after its response was lost
    SELECT f.id, f.frozen_at INTO freeze_id, frozen_at FROM vault.freezes AS f
      WHERE f.request_id = p_request_id AND f.scope = p_scope AND f.name IS NOT DISTINCT FROM p_name
        AND f.frozen_by = p_actor AND f.reason = p_reason;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'expected a request of its own, got the id of another' USING ERRCODE = 'SV001';
    END IF;
    in_force := vault.freezes_in_force();
    RETURN;
  END IF;
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id, reason)
    VALUES (freeze_id, 'freeze', p_actor, p_request_id, p_reason);
  in_force := vault.freezes_in_force();
END
$$;

-- the freeze, locked
CREATE FUNCTION vault.freeze_in_force(p_freeze_id bigint) RETURNS vault.freezes
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_freeze vault.freezes;
BEGIN
  SELECT f.* INTO v_freeze FROM vault.freezes AS f WHERE f.id = p_freeze_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected the number of a freeze, got another' USING ERRCODE = 'SV007';
  END IF;
  IF v_freeze.thawed_at IS NOT NULL THEN
    RAISE EXCEPTION 'expected a freeze in force, got one that was thawed' USING ERRCODE = 'SV001';
  END IF;
  RETURN v_freeze;
END
$$;

-- A later request replaces a former one, which another actor could have confirmed.
CREATE FUNCTION vault_api.request_thaw(
  p_freeze_id bigint, p_reason text, p_actor text, p_request_id text,
  OUT confirm_until timestamptz, OUT in_force bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
BEGIN
  PERFORM vault.require(num_nulls(p_freeze_id, p_actor, p_request_id));
  PERFORM vault.require_ids(p_actor, p_request_id);
  PERFORM vault.require_reason(p_reason);
  PERFORM vault.freeze_in_force(p_freeze_id);
  UPDATE vault.freezes AS f SET thaw_requested_by = p_actor, thaw_requested_at = v_now WHERE f.id = p_freeze_id;
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id, reason)
    VALUES (p_freeze_id, 'request-thaw', p_actor, p_request_id, p_reason);
  confirm_until := v_now + interval '15 minutes';
  in_force := vault.freezes_in_force();
END
$$;

CREATE FUNCTION vault_api.confirm_thaw(
  p_freeze_id bigint, p_actor text, p_request_id text, OUT thawed_at timestamptz, OUT in_force bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_freeze vault.freezes;
BEGIN
  PERFORM vault.require(num_nulls(p_freeze_id, p_actor, p_request_id));
  PERFORM vault.require_ids(p_actor, p_request_id);
  -- another try of the same request, after its response was lost
  SELECT f.thawed_at INTO thawed_at FROM vault.freezes AS f
    WHERE f.id = p_freeze_id AND f.thawed_by = p_actor AND f.thaw_request_id = p_request_id;
  IF FOUND THEN
    in_force := vault.freezes_in_force();
    RETURN;
  END IF;
  v_freeze := vault.freeze_in_force(p_freeze_id);
  IF (v_freeze.thaw_requested_at BETWEEN v_now - interval '15 minutes' AND v_now) IS NOT TRUE THEN
    RAISE EXCEPTION 'expected a request to thaw of the last 15 minutes, got none' USING ERRCODE = 'SV001';
  END IF;
  IF v_freeze.thaw_requested_by = p_actor THEN
    RAISE EXCEPTION 'expected another actor than the one that asked, got the same' USING ERRCODE = 'SV001';
  END IF;
  thawed_at := v_now;
  UPDATE vault.freezes AS f SET thawed_by = p_actor, thawed_at = v_now, thaw_request_id = p_request_id
    WHERE f.id = p_freeze_id;
  INSERT INTO vault.freeze_log (freeze_id, action, actor, request_id)
    VALUES (p_freeze_id, 'thaw', p_actor, p_request_id);
  in_force := vault.freezes_in_force();
END
$$;

-- those in force, then the others, newest first: at most 500
CREATE FUNCTION vault_api.list_freezes() RETURNS TABLE (
  freeze_id bigint, scope text, name text, reason text, frozen_by text, frozen_at timestamptz,
  thaw_requested_by text, thaw_requested_at timestamptz, thawed_by text, thawed_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.id, f.scope, f.name, f.reason, f.frozen_by, f.frozen_at, f.thaw_requested_by, f.thaw_requested_at,
      f.thawed_by, f.thawed_at
    FROM vault.freezes AS f ORDER BY f.thawed_at IS NOT NULL, f.id DESC LIMIT 500
$$;

GRANT USAGE ON SCHEMA vault_api TO vault_freezer, vault_thawer;
GRANT EXECUTE ON FUNCTION vault_api.freeze TO vault_freezer;
GRANT EXECUTE ON FUNCTION vault_api.request_thaw TO vault_freezer;
GRANT EXECUTE ON FUNCTION vault_api.confirm_thaw TO vault_thawer;
GRANT EXECUTE ON FUNCTION vault_api.list_freezes TO vault_freezer, vault_thawer, vault_auditor;
`;

const TICKETS = String.raw`
-- whose it is: those of the former form are void in 5 s
TRUNCATE vault.unseal_tickets, vault.batch_tickets;
ALTER TABLE vault.unseal_tickets ADD COLUMN actor varchar(255) NOT NULL;
ALTER TABLE vault.batch_tickets ADD COLUMN actor varchar(255) NOT NULL;
`;

const whenFrozen = (kind: string) => `\n      WHEN vault.is_frozen(p_actor, ${kind}) THEN 'frozen'`;
const ACTOR = { column: 'actor', value: 'p_actor' };
const BEGIN_RECORDS = beginUnsealRecords({ outcomes: whenFrozen('v_item.kind'), ...ACTOR });
const BEGIN = beginUnseal({ outcomes: whenFrozen("'delegated-share'"), ...ACTOR });

// frozen between the two transactions
const REDEEM_RECORDS = redeemRecords(
  "CASE WHEN i.outcome = 'granted' AND vault.is_frozen(v_ticket.actor, i.kind) THEN 'frozen' ELSE i.outcome END",
);
const REDEEM = String.raw`
CREATE OR REPLACE FUNCTION vault_api.redeem_delegated_share(
  p_ticket uuid,
  OUT outcome text, OUT record_id uuid, OUT user_id text, OUT public_key text, OUT share_set_id text,
  OUT properties_sha256 bytea, OUT delegated_share bytea, OUT wallet_api_key bytea, OUT access_count bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  v_now constant timestamptz := clock_timestamp();
  v_record_id uuid;
  v_actor text;
BEGIN
  PERFORM vault.require_read_committed();
  DELETE FROM vault.unseal_tickets AS t
    WHERE t.backend_pid = pg_backend_pid() AND t.login_role = session_user AND t.ticket = p_ticket
      AND t.issued_at BETWEEN v_now - interval '5 seconds' AND v_now
      AND pg_xact_status(t.begun_in) = 'committed'
      AND t.serial = currval('vault.unseal_serial')
    RETURNING t.outcome, t.record_id, t.actor INTO outcome, v_record_id, v_actor;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'expected a ticket that this session committed within 5 s, got another' USING ERRCODE = 'SV003';
  END IF;
  PERFORM nextval('vault.unseal_serial');
  IF outcome = 'granted' AND vault.is_frozen(v_actor, 'delegated-share') THEN
    outcome := 'frozen';
  END IF;
  IF outcome <> 'granted' THEN
    RETURN;
  END IF;
  SELECT s.id, s.user_id, s.public_key, s.share_set_id, s.properties_sha256, s.encrypted_delegated_share,
      s.encrypted_wallet_api_key, s.access_count
    INTO record_id, user_id, public_key, share_set_id, properties_sha256, delegated_share,
      wallet_api_key, access_count
    FROM vault.delegated_shares AS s WHERE s.id = v_record_id AND s.superseded_at IS NULL;
  IF NOT FOUND THEN
    outcome := 'changed';
  END IF;
END
$$;
`;

const again = (sql: string) => sql.replace(/^CREATE FUNCTION/m, 'CREATE OR REPLACE FUNCTION');

export const FREEZE = FREEZES + TICKETS + again(BEGIN_RECORDS) + again(REDEEM_RECORDS) + BEGIN + REDEEM;
