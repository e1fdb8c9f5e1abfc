/** Commits of the vault's own writes are durable, whatever the session asked for. */
export const SETTINGS = String.raw`
-- Each migration puts it on every table (lambda/store/pin-settings.ts). The setting lasts until the transaction's end; a
-- login by hand can change it once more after its last write.
CREATE FUNCTION vault.make_durable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  RETURN NULL;
END
$$;
`;
