import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientBase, DatabaseError } from 'pg';
import { deadlineIn } from '../invocation/deadline';
import { LOGIN_ROLES } from './bootstrap';

/** A statement waits no longer for a lock: every other session that wants the table waits behind it. */
const LOCK_ATTEMPT_MS = 1_000;
/** How long a statement outside a transaction waits for one other session. */
const BUILD_LOCK_MS = 300_000;
const INITIAL_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;
/** Longer than any limit of a login role's session: a transaction of that age is not a function's. */
const STUCK_MS = 30_000;

/** Errors that a lock of another session causes. */
const LOCKED = ['55P03', '40P01'];
/** Errors that another migration causes if it makes the same for the first time. */
const CREATED_CONCURRENTLY = [...LOCKED, '23505', '42710', '42P06', '42P07'];

export interface LockOptions {
  /** how long locks are waited for in all, milliseconds @default 30000 */
  readonly lockTimeoutMs?: number | undefined;
  /** minimum age of a login role's transaction to be ended if it is in the way, milliseconds @default 30000 */
  readonly stuckMs?: number | undefined;
}

/** A migration's transactions, each run again while another session is in its way. */
export class Transactions {
  private constructor(
    private readonly client: ClientBase,
    private readonly waitMs: number,
    private readonly stuckMs: number,
  ) {}

  static async on(
    client: ClientBase,
    { lockTimeoutMs = 30_000, stuckMs = STUCK_MS }: LockOptions,
  ): Promise<Transactions> {
    await client.query(`SET lock_timeout = ${Math.floor(Math.min(lockTimeoutMs, LOCK_ATTEMPT_MS))}`);
    return new Transactions(client, lockTimeoutMs, stuckMs);
  }

  /** As the user that logged in. */
  asMaster<T>(work: () => Promise<T>): Promise<T> {
    return this.#withRetries(work, CREATED_CONCURRENTLY);
  }

  asOwner<T>(work: () => Promise<T>): Promise<T> {
    return this.#withRetries(() => this.#setOwnerRole().then(work), LOCKED);
  }

  /** Creates objects that another migration may create at the same time. */
  createAsOwner<T>(work: () => Promise<T>): Promise<T> {
    return this.#withRetries(() => this.#setOwnerRole().then(work), CREATED_CONCURRENTLY);
  }

  /**
   * Runs statements that allow no transaction. Each waits for the transactions that are in its way, and no other session
   * waits for it meanwhile: it may take its time.
   */
  async outside(work: (waitMs: number) => Promise<void>): Promise<void> {
    await this.#endStuckSessions();
    const { rows } = await this.client.query<{ former: string }>("SELECT current_setting('lock_timeout') AS former");
    await this.client.query(`SET lock_timeout = ${BUILD_LOCK_MS}`);
    await this.client.query('SET ROLE vault_owner');
    try {
      await work(this.waitMs);
    } finally {
      // if the connection is gone, its settings are too, and the cause is thrown
      await this.client.query('RESET ROLE').catch(() => undefined);
      await this.client
        .query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", [rows[0]?.former ?? '0'])
        .catch(() => undefined);
    }
  }

  async #setOwnerRole(): Promise<void> {
    await this.client.query('SET LOCAL ROLE vault_owner');
  }

  /** During a backoff the other session, and those that wait behind this one, go on. */
  async #withRetries<T>(work: () => Promise<T>, transient: readonly string[]): Promise<T> {
    const deadline = deadlineIn(this.waitMs);
    for (let backoff = INITIAL_BACKOFF_MS; ; backoff = Math.min(backoff * 2, MAX_BACKOFF_MS)) {
      try {
        return await inTransaction(this.client, work);
      } catch (error) {
        if (!isTransient(error, transient) || deadline.remainingMs() <= backoff) throw error;
      }
      await this.#endStuckSessions();
      await sleep(backoff);
    }
  }

  /** If the login may: in Aurora the master can see and end the sessions of others. */
  async #endStuckSessions(): Promise<void> {
    await this.client.query(END_STUCK_SESSIONS, [LOGIN_ROLES, this.stuckMs]);
  }
}

const END_STUCK_SESSIONS = `
  SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a
    WHERE a.usename = ANY ($1::text[])
      AND a.xact_start < pg_catalog.clock_timestamp() - $2::double precision * interval '1 millisecond'
      AND pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')`;

function isTransient(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof DatabaseError)) return false;
  // two migrations that change one role or right: an internal error by its code
  return codes.includes(error.code ?? '') || error.message.startsWith('tuple concurrently');
}

async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
