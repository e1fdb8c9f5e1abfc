import { PostgresRetiredKeys } from '../store/retired-keys';
import type { Session } from '../store/session';
import { deadlineIn } from './deadline';
import type { ActorCall } from './handler';

/** A receipt is compared by the database's clock: one of less than this before the call may be of the same time. */
const MARGIN_MS = 1_000;

/** Longest that a response waits for the comparison: its materials are ready. */
const COMPARISON_MS = 2_000;

/** What share keys that only open opened in one call. A process serves one call at a time. */
export class RetiringUse {
  #materials = 0;
  readonly #keyIds = new Set<string>();

  /** Adds a material that a key opened. */
  note(keyId: string): void {
    this.#materials += 1;
    this.#keyIds.add(keyId);
  }

  /**
   * Counts what was opened since the last call, and again as opened by a retired key if no record needed one of the keys
   * before the call. If the database doesn't respond within 2 seconds, the call's log line has a warning: the materials were
   * opened.
   */
  async report(call: ActorCall, session: Pick<Session, 'query'>, startedAt: number): Promise<void> {
    const [materials, keyIds] = [this.#materials, [...this.#keyIds]];
    this.#materials = 0;
    this.#keyIds.clear();
    if (materials === 0) return;
    call.noteOpened({ openedRetiring: materials });
    const ago = Math.ceil(performance.now() - startedAt) + MARGIN_MS;
    try {
      const own = deadlineIn(Math.min(COMPARISON_MS, call.deadline.remainingMs()), call.deadline.signal);
      const retired = await new PostgresRetiredKeys(session).count(keyIds, ago, own);
      if (retired > 0) call.noteOpened({ openedRetired: materials });
    } catch {
      call.noteOpened({ warnings: ['it is unknown whether a record still needs the keys that opened'] });
    }
  }
}
