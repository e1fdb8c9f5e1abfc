import { LIMITS } from './session-settings';

/** The users that log in: one for each function that serves a caller. */
export const LOGIN_ROLES = [
  'vault_receiver',
  'vault_sealer',
  'vault_unsealer',
  'vault_revoker',
  'vault_reader',
  'vault_auditor',
  'vault_freezer',
  'vault_thawer',
  'vault_resealer',
  'vault_restore_checker',
] as const;

const roles = `'{${LOGIN_ROLES.join(',')}}'::text[]`;
/** As `pg_db_role_setting` has them. */
const limits = `'{${Object.entries(LIMITS)
  .map(([name, value]) => `${name}=${value}`)
  .join(',')}}'::text[]`;

/**
 * The settings that login roles have beside their limits, each as `ROLE NAME`: a role may set most settings for its own
 * later sessions. Plain names only, since the rest is the role's own text; and at most 50.
 */
export const OWN_SETTINGS = String.raw`
SELECT DISTINCT r.rolname || ' ' || coalesce(pg_catalog.substring(entry, '^([A-Za-z_.]{1,63})='), 'another') AS setting
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole, pg_catalog.unnest(s.setconfig) AS entry
  WHERE r.rolname = ANY (${roles}) AND NOT (s.setdatabase = 0 AND entry = ANY (${limits}))
  ORDER BY 1 LIMIT 50`;

/** The databases beside the vault's that a login role can connect to, at most 50. */
export const OPEN_DATABASES = String.raw`
SELECT d.datname AS name FROM pg_catalog.pg_database AS d
  WHERE d.datallowconn AND d.datname <> pg_catalog.current_database() AND EXISTS (
    SELECT FROM pg_catalog.pg_roles AS r
      WHERE r.rolname = ANY (${roles}) AND pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT'))
  ORDER BY 1 LIMIT 50`;

/**
 * All that needs the master, a role but no superuser: the roles, and the right to connect. Idempotent, run at each
 * migration by a login that may create roles. It changes a role only if the role differs, so that the audit's line of a
 * changed role means a change. The migrations, run as `vault_owner`, make everything inside the schemas.
 */
export const BOOTSTRAP = String.raw`
DO $$
DECLARE
  -- a login in the wrong hands leaves connections to the others
  v_half constant integer := greatest(pg_catalog.current_setting('max_connections')::integer / 2, 2);
  v_allowed integer;
  v_role text;
  v_entry text;
  v_database name;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vault_owner') THEN
    CREATE ROLE vault_owner NOLOGIN;
  END IF;
  -- since PostgreSQL 16 a role's creator administers it, and that alone
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.roleid = 'vault_owner'::regrole
      AND m.member = current_user::regrole AND m.set_option AND m.inherit_option) THEN
    EXECUTE 'GRANT vault_owner TO CURRENT_USER WITH SET TRUE, INHERIT TRUE';
  END IF;

  FOREACH v_role IN ARRAY ${roles} LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN', v_role);
    END IF;
    v_allowed := CASE WHEN v_role IN ('vault_reader', 'vault_auditor', 'vault_restore_checker') THEN v_half / 2 ELSE v_half END;
    IF (SELECT r.rolconnlimit FROM pg_catalog.pg_roles AS r WHERE r.rolname = v_role) <> v_allowed THEN
      EXECUTE pg_catalog.format('ALTER ROLE %I CONNECTION LIMIT %s', v_role, v_allowed);
    END IF;
    FOR v_database IN SELECT d.datname FROM pg_catalog.pg_db_role_setting AS s
        JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase WHERE s.setrole = v_role::regrole LOOP
      EXECUTE pg_catalog.format('ALTER ROLE %I IN DATABASE %I RESET ALL', v_role, v_database);
    END LOOP;
    IF ARRAY(SELECT e FROM pg_catalog.pg_db_role_setting AS s, pg_catalog.unnest(s.setconfig) AS e
          WHERE s.setrole = v_role::regrole AND s.setdatabase = 0 ORDER BY e COLLATE "C")
        <> ARRAY(SELECT e FROM pg_catalog.unnest(${limits}) AS e ORDER BY e COLLATE "C") THEN
      EXECUTE pg_catalog.format('ALTER ROLE %I RESET ALL', v_role);
      FOREACH v_entry IN ARRAY ${limits} LOOP
        EXECUTE pg_catalog.format('ALTER ROLE %I SET %I = %L', v_role, pg_catalog.split_part(v_entry, '=', 1),
          pg_catalog.split_part(v_entry, '=', 2));
      END LOOP;
    END IF;
    EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', pg_catalog.current_database(), v_role);
    -- in Aurora: IAM tokens, and no password any more
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_iam')
        AND NOT pg_catalog.pg_has_role(v_role, 'rds_iam', 'MEMBER') THEN
      EXECUTE pg_catalog.format('GRANT rds_iam TO %I', v_role);
    END IF;
  END LOOP;

  EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO vault_owner', pg_catalog.current_database());
  EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
  -- the databases that every server has, if they are the master's: a login could make temporary tables there
  FOR v_database IN SELECT d.datname FROM pg_catalog.pg_database AS d
      WHERE d.datname IN ('postgres', 'template1') AND pg_catalog.pg_has_role(d.datdba, 'USAGE') LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC', v_database);
  END LOOP;

  -- a login of former releases that could become the owner
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vault_migrator') THEN
    IF pg_catalog.pg_has_role('vault_migrator', 'vault_owner', 'MEMBER') THEN
      REVOKE vault_owner FROM vault_migrator;
    END IF;
    EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM vault_migrator', pg_catalog.current_database());
    BEGIN
      DROP ROLE vault_migrator;
    EXCEPTION WHEN dependent_objects_still_exist THEN
      IF (SELECT r.rolcanlogin FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'vault_migrator') THEN
        ALTER ROLE vault_migrator NOLOGIN;
      END IF;
    END;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
`;
