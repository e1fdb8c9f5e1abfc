/** As of 0028, with what a freeze of a restored database waits for. */
export const LIST_FREEZES = String.raw`
DROP FUNCTION vault_api.list_freezes();
CREATE FUNCTION vault_api.list_freezes() RETURNS TABLE (
  freeze_id bigint, scope text, name text, reason text, frozen_by text, frozen_at timestamptz,
  thaw_requested_by text, thaw_requested_at timestamptz, thawed_by text, thawed_at timestamptz, replay_from timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.id, f.scope, f.name, f.reason, f.frozen_by, f.frozen_at, f.thaw_requested_by, f.thaw_requested_at,
      f.thawed_by, f.thawed_at,
      -- a backup without a log row needs all tombstones
      CASE WHEN f.needs_replay AND f.thawed_at IS NULL AND (f.replayed_until >= f.frozen_at) IS NOT TRUE
        THEN greatest(coalesce(f.replayed_until, f.replay_since), 'epoch') END
    FROM vault.freezes AS f ORDER BY f.thawed_at IS NOT NULL, f.id DESC LIMIT 500
$$;
GRANT EXECUTE ON FUNCTION vault_api.list_freezes TO vault_freezer, vault_thawer, vault_auditor;
`;
