/**
 * A database that served before and serves again, after another one, has the id that it remembers. The text of the deploy's
 * `restoreToken` tells them apart: another text is the operator's statement that another database is behind the vault.
 */
export const GENERATIONS_WITH_TOKENS = String.raw`
-- digest of the deploy's restoreToken; not known of deploys of earlier releases
ALTER TABLE vault.generations ADD COLUMN token varchar(64);

-- As of 0031, by id and token. A token that either side does not know differs from none.
CREATE FUNCTION vault.note_database(p_generation text, p_token text, p_request_id text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_former vault.generations;
  v_freeze_id bigint;
BEGIN
  SELECT g.* INTO v_former FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1;
  IF v_former.generation = p_generation AND (p_token IS NULL OR v_former.token IS NOT DISTINCT FROM p_token) THEN
    RETURN false;
  END IF;
  INSERT INTO vault.generations (generation, token) VALUES (p_generation, p_token);
  IF v_former.id IS NULL OR v_former.generation = p_generation AND v_former.token IS NULL THEN
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

-- Of the earlier release, after a rollback, and of its sweep in the minutes of a deploy. That one names the database that
-- served before: a deploy has just noted this one, and has frozen it if it is another.
CREATE OR REPLACE FUNCTION vault.note_generation(p_generation text, p_request_id text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_newest vault.generations;
BEGIN
  SELECT g.* INTO v_newest FROM vault.generations AS g ORDER BY g.id DESC LIMIT 1;
  -- a database that was not noted before is another one, however young the note
  IF v_newest.token IS NOT NULL AND v_newest.seen_at > clock_timestamp() - interval '1 hour'
    AND EXISTS (SELECT FROM vault.generations AS g WHERE g.generation = p_generation)
  THEN
    RETURN false;
  END IF;
  RETURN vault.note_database(p_generation, NULL, p_request_id);
END
$$;
`;
