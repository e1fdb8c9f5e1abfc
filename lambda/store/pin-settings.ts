import type { ClientBase } from 'pg';

/**
 * Settings that affect the result of a function, and that its caller could change for the session. The functions that
 * a caller enters have them, and those within inherit them.
 */
export const FUNCTION_SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  row_security: 'on',
} as const;

const wanted = `'{${Object.entries(FUNCTION_SETTINGS)
  .map(([name, value]) => `"${name}=${value}"`)
  .join(',')}}'::text[]`;

/**
 * By construction, for additions of later releases too: a SECURITY DEFINER routine keeps its settings, and a statement
 * that writes to a table of the vault makes its transaction's commit durable. Changes only the routines and tables that
 * lack it.
 */
const PIN_SETTINGS = String.raw`
DO $$
DECLARE
  v_routine regprocedure;
  v_table regclass;
BEGIN
  FOR v_routine IN
    SELECT p.oid FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
      WHERE n.nspname IN ('vault', 'vault_api') AND p.prosecdef
        AND NOT ${wanted} <@ coalesce(p.proconfig, '{}'::text[])
  LOOP
    EXECUTE pg_catalog.format('ALTER ROUTINE %s ', v_routine) || (
      SELECT pg_catalog.string_agg(
          pg_catalog.format('SET %I = %L', pg_catalog.split_part(e, '=', 1), pg_catalog.split_part(e, '=', 2)), ' ')
        FROM pg_catalog.unnest(${wanted}) AS e);
  END LOOP;
  -- the function comes with a migration
  IF pg_catalog.to_regprocedure('vault.make_durable()') IS NULL THEN
    RETURN;
  END IF;
  FOR v_table IN
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'vault' AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'make_durable'
          AND t.tgenabled = 'O')
  LOOP
    EXECUTE pg_catalog.format('CREATE OR REPLACE TRIGGER make_durable BEFORE INSERT OR UPDATE OR DELETE ON %s '
      'FOR EACH STATEMENT EXECUTE FUNCTION vault.make_durable()', v_table);
  END LOOP;
END
$$;
`;

/** Run as the owner, after the migrations. */
export async function pinSettings(client: ClientBase): Promise<void> {
  await client.query(PIN_SETTINGS);
}
