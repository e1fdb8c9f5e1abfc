/** The users that log in. A release that adds one is deployed as the master. */
export const LOGIN_ROLES = [
  'vault_receiver',
  'vault_sealer',
  'vault_unsealer',
  'vault_revoker',
  'vault_reader',
  'vault_auditor',
  'vault_migrator',
] as const;

/**
 * What needs the master, who is no superuser: the roles, and who may connect. Idempotent, run at each migration by a
 * login that may create roles. Everything inside the schemas is the migrations', which run as `vault_owner`.
 */
export const BOOTSTRAP = String.raw`
DO $$
DECLARE
  login_roles constant text[] := '{${LOGIN_ROLES.join(',')}}';
  name text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vault_owner') THEN
    CREATE ROLE vault_owner NOLOGIN;
  END IF;
  -- since PostgreSQL 16 a role's creator administers it, and that alone
  EXECUTE 'GRANT vault_owner TO CURRENT_USER WITH SET TRUE, INHERIT TRUE';

  FOREACH name IN ARRAY login_roles LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN', name);
    END IF;
    -- an open session keeps a database from pausing, and a client that is gone must not hold a wallet's lock
    EXECUTE pg_catalog.format('ALTER ROLE %I SET idle_session_timeout = ''60s''', name);
    EXECUTE pg_catalog.format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10s''', name);
    EXECUTE pg_catalog.format('ALTER ROLE %I SET client_connection_check_interval = ''500ms''', name);
    EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', pg_catalog.current_database(), name);
    -- in Aurora: IAM tokens, and no password any more
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_iam') THEN
      EXECUTE pg_catalog.format('GRANT rds_iam TO %I', name);
    END IF;
    -- a migration may take its time
    CONTINUE WHEN name = 'vault_migrator';
    EXECUTE pg_catalog.format('ALTER ROLE %I SET statement_timeout = ''10s''', name);
    EXECUTE pg_catalog.format('ALTER ROLE %I SET lock_timeout = ''5s''', name);
  END LOOP;

  -- later releases migrate without the master's secret
  GRANT vault_owner TO vault_migrator WITH SET TRUE, INHERIT FALSE;
  EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO vault_owner', pg_catalog.current_database());
  EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
`;
