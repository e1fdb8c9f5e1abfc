import type { Client } from 'pg';
import { type Deadline, withinMs } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { type ConnectionSettings, connectInTime, discard } from './connection';
import { lostConnection, queryError, timeoutError } from './pg-errors';
import { LIMITS } from './session-settings';

/** A row of a result; rows.ts reads it. */
export type Row = Readonly<Record<string, unknown>>;

/** The login roles' sessions end after 60 s idle, and a frozen function does not notice: older ones are not tried. */
const IDLE_MS = 50_000;
/** Longer than the login roles' statement_timeout: a reachable server has responded by then. */
const SILENCE_MS = 11_000;
/** Less than the time of the function that writes receipts, so that what was too long is told from a lost connection. */
const LONG_STATEMENT_MS = 300_000;

/** The process's one connection, made when first needed and again when it died. Calls run one after another. */
export class Session {
  #client: Client | undefined;
  #lastUsed = 0;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param silenceMs - how long an older connection may be silent before it counts as dead */
  constructor(
    private readonly settings: ConnectionSettings,
    private readonly silenceMs = SILENCE_MS,
  ) {}

  /** Returns a session with a connection of its own for statements over all rows, which may take minutes in a large vault. */
  forLongStatements(): Session {
    const session = { ...this.settings.session, statement_timeout: `${LONG_STATEMENT_MS}ms` };
    return new Session({ ...this.settings, session }, LONG_STATEMENT_MS);
  }

  /**
   * Runs one statement in one round trip; on a connection that turns out dead it is run once more on a new one, so a
   * statement must bear being run twice. Throws `VaultError`: `StoreUnavailable` when the time is up.
   */
  query(text: string, values: readonly unknown[], deadline: Deadline): Promise<readonly Row[]> {
    const result = this.#queue.then(() => this.#tryTwice(text, values, deadline));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#queue;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #tryTwice(text: string, values: readonly unknown[], deadline: Deadline): Promise<readonly Row[]> {
    const warm = this.#client !== undefined;
    try {
      return await this.#tryOnce(
        text,
        values,
        deadline,
        warm ? warmTimeoutMs(deadline, this.silenceMs) : deadline.remainingMs(),
      );
    } catch (error) {
      const silent = warm && error instanceof VaultError && deadline.remainingMs() > 0;
      if (!lostConnection(error) && !silent) throw asVaultError(error);
    }
    try {
      return await this.#tryOnce(text, values, deadline, deadline.remainingMs());
    } catch (error) {
      throw asVaultError(error);
    }
  }

  async #tryOnce(
    text: string,
    values: readonly unknown[],
    deadline: Deadline,
    timeoutMs: number,
  ): Promise<readonly Row[]> {
    // it may have waited in the queue: a statement must not run after its caller has given up
    if (deadline.remainingMs() <= 0) throw timeoutError();
    const client = await this.#connected(deadline);
    try {
      const { rows } = await withinMs(timeoutMs, client.query<Row>(text, [...values]), timeoutError);
      this.#lastUsed = Date.now();
      return rows;
    } catch (error) {
      // out of time it may still run: the server cancels it once it finds its client gone
      if (lostConnection(error) || error instanceof VaultError) this.#drop(client);
      throw error;
    }
  }

  async #connected(deadline: Deadline): Promise<Client> {
    // a clock that was set back says nothing of how long it was idle
    const idle = Date.now() - this.#lastUsed;
    if (this.#client !== undefined && (idle < 0 || idle > IDLE_MS)) this.#drop(this.#client);
    if (this.#client !== undefined) return this.#client;
    const client = await connectInTime(
      { ...this.settings, session: { ...LIMITS, ...this.settings.session } },
      deadline,
    );
    client.once('end', () => this.#drop(client));
    this.#client = client;
    this.#lastUsed = Date.now();
    return client;
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    discard(client);
  }
}

/** After a failover a connection may be silent for ever: one that was made earlier gets half of the time that is left. */
function warmTimeoutMs(deadline: Deadline, silenceMs: number): number {
  return Math.min(silenceMs, deadline.remainingMs() / 2);
}

function asVaultError(error: unknown): VaultError {
  return error instanceof VaultError ? error : queryError(error);
}
