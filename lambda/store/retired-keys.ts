import type { Deadline } from '../invocation/deadline';
import { count, only } from './rows';
import type { Row, Session } from './session';

const COUNT = 'SELECT vault_api.count_retired_keys($1,$2) AS retired';

/** The share keys in PostgreSQL that no record needs any more. Throws as the record store. */
export class PostgresRetiredKeys {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  /** Returns how many of the keys a reseal left without a record, longer ago than so many milliseconds. */
  async count(keyIds: readonly string[], millisecondsAgo: number, deadline: Deadline): Promise<number> {
    const rows: readonly Row[] = await this.session.query(COUNT, [keyIds, millisecondsAgo], deadline);
    return count(only(rows), 'retired');
  }
}
