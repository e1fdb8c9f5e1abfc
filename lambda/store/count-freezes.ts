import type { ClientBase } from 'pg';
import { count, flag, only } from './rows';
import type { Row } from './session';

/** Returns how many freezes are in force; 0 for a database whose schema is older than freezes. Called as the owner. */
export async function countFreezes(client: Pick<ClientBase, 'query'>): Promise<number> {
  const known = await client.query<Row>(
    "SELECT pg_catalog.to_regprocedure('vault.freezes_in_force()') IS NOT NULL AS known",
  );
  if (!flag(only(known.rows), 'known')) return 0;
  const counted = await client.query<Row>('SELECT vault.freezes_in_force() AS frozen');
  return count(only(counted.rows), 'frozen');
}
