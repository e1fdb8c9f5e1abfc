import type { ClientBase } from 'pg';
import { flag, only } from './rows';
import type { Row } from './session';

/**
 * Makes the role by whose rights pgaudit chooses statements, and the extension. Run by the master, who may do both in
 * Aurora. A server without pgaudit, or one that has not loaded it yet, gets the role only.
 */
export const AUDIT_BOOTSTRAP = String.raw`
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_pgaudit') THEN
    CREATE ROLE rds_pgaudit NOLOGIN;
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pgaudit' AND installed_version IS NULL) THEN
    BEGIN
      CREATE EXTENSION pgaudit SCHEMA public;
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
      -- a server loads the library when it starts: until then the extension is as good as absent
      NULL;
    END;
  END IF;
END
$$;
`;

/**
 * Marks every table for pgaudit, which logs a statement if its role has the right that the statement uses. It skips
 * the content of vault_api's functions, since their callers are no members of the owner; the access log has those
 * (docs/adr/0008-audit-past-the-functions.md).
 */
const MARK_TABLES = String.raw`
DO $$
DECLARE
  v_table regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_pgaudit') THEN
    RETURN;
  END IF;
  -- a mark is a right, so no one may have it or give it; whoever creates roles can give themselves any of theirs
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_pgaudit' AND (rolcanlogin OR rolsuper))
    OR EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m
      JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
      WHERE m.roleid = 'rds_pgaudit'::regrole AND NOT (r.rolcreaterole OR r.rolsuper))
  THEN
    RAISE EXCEPTION 'expected rds_pgaudit to have neither a login nor members, got one that has' USING ERRCODE = '55000';
  END IF;
  -- pgaudit reads the grants themselves: what everyone may, or a role such as pg_read_all_data, marks nothing
  FOR v_table IN
    SELECT c.oid::regclass FROM pg_catalog.pg_class AS c
      WHERE c.relnamespace = 'vault'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT '{SELECT,INSERT,UPDATE,DELETE}'::text[] <@ ARRAY(
          SELECT a.privilege_type FROM pg_catalog.aclexplode(c.relacl) AS a WHERE a.grantee = 'rds_pgaudit'::regrole)
  LOOP
    EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO rds_pgaudit', v_table);
  END LOOP;
END
$$;
`;

/** `pg_settings` has the settings of loaded libraries only, whatever the parameter group names. */
const IS_AUDITED = String.raw`
SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pgaudit')
  AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_pgaudit')
  AND EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pgaudit.role' AND setting = 'rds_pgaudit') AS audited`;

/** Marks the tables that the migrations have made, as the owner. Returns whether the server audits marked tables. */
export async function auditObjects(client: ClientBase): Promise<boolean> {
  await client.query(MARK_TABLES);
  return flag(only((await client.query<Row>(IS_AUDITED)).rows), 'audited');
}
