/** Destroyed rows give their space back soon, and the sweep reports the items that wait. */

/** By default a table is cleaned when a fifth of its rows is dead, so a reseal of all records grows it by that much. */
const AUTOVACUUM = ['delegated_shares', 'server_key_shares']
  .map(
    (table) => String.raw`
ALTER TABLE vault.${table} SET (
  autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.02,
  toast.autovacuum_vacuum_threshold = 500, toast.autovacuum_vacuum_scale_factor = 0.02
);
`,
  )
  .join('');

const WAITING = String.raw`
-- Counts the items that the sweep destroys once their time has come, and those of them that it should have destroyed two
-- days ago; since: when the oldest began to wait. Called by the owner.
CREATE FUNCTION vault.waiting_to_be_destroyed()
RETURNS TABLE (what text, waiting bigint, overdue bigint, since timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'records', count(*), count(*) FILTER (WHERE r.at < clock_timestamp() - interval '32 days'), min(r.at) FROM (
      SELECT s.superseded_at AS at FROM vault.delegated_shares AS s WHERE s.superseded_at IS NOT NULL
      UNION ALL SELECT s.superseded_at FROM vault.server_key_shares AS s WHERE s.superseded_at IS NOT NULL) AS r
  UNION ALL
  SELECT 'bodies', count(*), count(*) FILTER (WHERE b.queued_at < clock_timestamp() - interval '2 days'), min(b.queued_at)
    FROM vault.bodies_to_destroy AS b
  UNION ALL
  SELECT 'tickets', count(*), count(*) FILTER (WHERE t.at < clock_timestamp() - interval '2 days'), min(t.at) FROM (
      SELECT u.issued_at AS at FROM vault.unseal_tickets AS u
      UNION ALL SELECT u.issued_at FROM vault.batch_tickets AS u) AS t
$$;
`;

export const DELETION = AUTOVACUUM + WAITING;
