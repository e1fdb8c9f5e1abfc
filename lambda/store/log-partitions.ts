import { type ClientBase, DatabaseError } from 'pg';
import type { Deadline } from '../invocation/deadline';
import { flag, only } from './rows';
import type { Row } from './session';
import type { Transactions } from './transactions';

/** Reserved for the rest of the call. */
const MARGIN_MS = 20_000;

const EXISTS = "SELECT pg_catalog.to_regprocedure('vault.make_log_months()') IS NOT NULL AS exists";
const CHECK_VIOLATION = '23514';
/** Errors after which the next call goes on: a lock that others hold, or a check that takes longer than this call. */
const LATER = ['55P03', '40P01', '57014'];

const UNFINISHED = 'the access log has no partition with an end yet: the next sweep continues';
const FUTURE = 'the access log has rows of the far future, or of a former time: its default partition stays as it is';

/**
 * Makes the months of the access log ahead. If rows are in the default partition, of a database that had no months or because no
 * sweep ran for long, they become a partition first: checked beside reads and writes, then attached within milliseconds. Returns a
 * warning if that has to wait: appends go to the default partition meanwhile, and never fail.
 */
export async function keepLogPartitions(
  client: ClientBase,
  transactions: Transactions,
  deadline: Deadline,
): Promise<string | undefined> {
  // a database of the former schema, in tests of upgrades
  if (!flag(only((await client.query<Row>(EXISTS)).rows), 'exists')) return undefined;
  const call = (name: string) => transactions.asOwner(() => client.query<Row>(`SELECT vault.${name}() AS done`));
  try {
    const { rows } = await call('begin_log_closing');
    if (flag(only(rows), 'done')) {
      if (deadline.remainingMs() <= MARGIN_MS) return UNFINISHED;
      await transactions.asOwner(() => check(client, deadline));
      await call('finish_log_closing');
    } else await call('make_log_months');
    return undefined;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (LATER.includes(error.code ?? '')) return UNFINISHED;
    if (error.code !== CHECK_VIOLATION) throw error;
    await call('stop_log_closing');
    return FUTURE;
  }
}

/** Reads all rows of the partition: some 10^6 a second. A check that ends early begins again with the next call. */
async function check(client: ClientBase, deadline: Deadline): Promise<void> {
  const limitMs = Math.max(1, Math.floor(deadline.remainingMs() - MARGIN_MS));
  await client.query("SELECT pg_catalog.set_config('statement_timeout', $1, true)", [String(limitMs)]);
  await client.query('SELECT vault.check_log_closing()');
}
