import type { ClientBase } from 'pg';
import type { Migrated } from './migrate';
import { count, only } from './rows';
import type { Row } from './session';
import { Transactions } from './transactions';

const UNCOUNTED = 'thaws of the log could not be counted';

/**
 * Adds the number of thaws that the log has since the last migration to the report of one. They include those that no
 * function made, but somebody with the logins of both: their alarm is this count. Called last, since each thaw is counted
 * once. A deploy must not fail for it: if they can't be counted, the report has one, and a warning. The client logs in as
 * the master.
 */
export async function withThaws(migrated: Migrated, client: ClientBase): Promise<Migrated> {
  try {
    const transactions = await Transactions.on(client, {});
    const query = 'SELECT vault.count_thaws() AS thaws';
    const { rows } = await transactions.asOwner(() => client.query<Row>(query));
    return { ...migrated, thawsLogged: count(only(rows), 'thaws') };
  } catch {
    return { ...migrated, thawsLogged: 1, warnings: [...(migrated.warnings ?? []), UNCOUNTED] };
  }
}
