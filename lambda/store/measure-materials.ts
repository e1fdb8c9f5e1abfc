import type { ClientBase } from 'pg';
import type { MeasuredMaterials } from '../contract/measured-materials';
import { count, flag, only } from './rows';
import type { Row } from './session';

/**
 * Counts the records that are not on the present material of the key that seals, and the age of the oldest material. The
 * database knows both from the records and the reseals: no service is asked. Returns nothing for a database of a release
 * without reseals. Called as the owner.
 */
export async function measureMaterials(
  client: Pick<ClientBase, 'query'>,
  sealingKey: string,
): Promise<MeasuredMaterials> {
  const known = await client.query<Row>(
    "SELECT pg_catalog.to_regprocedure('vault.measure_materials(text)') IS NOT NULL AS known",
  );
  if (!flag(only(known.rows), 'known')) return {};
  const measured = only((await client.query<Row>('SELECT * FROM vault.measure_materials($1)', [sealingKey])).rows);
  return {
    staleRecords: count(measured, 'stale_records'),
    // of no record in AWS KMS: 0, since a metric that is missing would leave the alarm as it is
    oldestMaterialDays: measured.oldest_days === null ? 0 : count(measured, 'oldest_days'),
  };
}
