import { randomUUID } from 'node:crypto';
import type { Kind } from '../../../../lambda/contract/kinds';
import { VaultError } from '../../../../lambda/contract/errors';
import { type BodyLimits, StoreWithBodies } from '../../../../lambda/store/bodies/with-bodies';
import type { BodyStore } from '../../../../lambda/store/bodies/body-store';
import { PostgresStore } from '../../../../lambda/store/postgres';
import { type Row, Session } from '../../../../lambda/store/session';
import type { DeliveredRecord, NewRecord, WalletKey } from '../../../../lambda/store/store';
import type { TestDatabase } from '../../../support/postgres';
import { deliveredRecord, newRecordOf } from '../fixtures';
import { newMessage, newShare } from './messages';

export const LIMITS: BodyLimits = { maxRecords: 1_000, delayDays: 7, backupDays: 35 };

/** A session that can be made to fail: before a statement is sent, or after it was committed. */
export class FailingSession extends Session {
  failure: { readonly statement: RegExp; readonly when: 'before' | 'after' } | undefined;

  override async query(...call: Parameters<Session['query']>): Promise<readonly Row[]> {
    const fails = (when: string) => this.failure?.statement.test(call[0]) === true && this.failure.when === when;
    if (fails('before')) throw unavailable();
    const rows = await super.query(...call);
    if (fails('after')) throw unavailable();
    return rows;
  }
}

/** Opens stores with bodies elsewhere, each as one user; closes them all at the end. */
export class StoresWithBodies {
  readonly #sessions: Session[] = [];

  constructor(
    private readonly database: TestDatabase,
    private readonly bodies: BodyStore,
  ) {}

  async as(user: string, limits: Partial<BodyLimits> = {}) {
    const session = new FailingSession(await this.database.settings(user));
    this.#sessions.push(session);
    const store = new StoreWithBodies(new PostgresStore(session), this.bodies, { ...LIMITS, ...limits });
    return Object.assign(store, { failing: session });
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((session) => session.close()));
  }
}

/** Returns a new record whose materials are messages. */
export const newSealed = (kind: Kind, wallet: WalletKey, changes: Partial<NewRecord> = {}): NewRecord =>
  newRecordOf(kind, wallet, {
    sealed: kind === 'delegated-share' ? newShare() : { serverKeyShares: newMessage().message },
    recordId: randomUUID(),
    ...changes,
  });

export const newDelivered = (wallet: WalletKey): DeliveredRecord => deliveredRecord(wallet, { sealed: newShare() });

const unavailable = () => new VaultError('StoreUnavailable', 'expected a connection that lasts, got a cut one');
