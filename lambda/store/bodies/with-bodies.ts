import type { Kind } from '../../contract/kinds';
import type { WalletKey } from '../../contract/wallet';
import { VaultError } from '../../contract/errors';
import { eachItem, inPlaces, readEach, successes } from '../../invocation/batch';
import { type Deadline, deadlineIn } from '../../invocation/deadline';
import { PostgresStore } from '../postgres';
import { count, flag, only, text, time } from '../rows';
import type {
  Caller,
  CreatedOutcome,
  DeliveredRecord,
  Delivery,
  NewRecord,
  RecordQuery,
  Revocation,
  RevokedDelivery,
  RevokedOutcome,
  SealedMaterials,
  SealedRecord,
  StoredRecord,
} from '../store';
import type { BodyStore } from './body-store';
import { type CutRecord, type SplitRecord, cutRecord, splitRecord } from './cut';

const DAY_MS = 86_400_000;
/** How long a count of the store's entries is used: a full store is noticed that late, beside the process's own entries. */
const COUNT_MS = 60_000;
/** Of a batch's bodies together. The database's own limit on a batch counts the columns, without the bodies. */
const MAX_RESPONSE_BYTES = 3_500_000;

const COUNT = 'SELECT vault_api.count_bodies() AS bodies';
const RESERVE = 'SELECT vault_api.reserve_bodies($1::uuid[])';
const HAS_BODY = 'SELECT vault_api.has_body($1::uuid) AS exists';
const TO_DESTROY = 'SELECT * FROM vault_api.bodies_to_destroy($1, $2)';
const DESTROYED = 'SELECT vault_api.bodies_destroyed($1::uuid[])';

type Sealed = Pick<NewRecord, 'recordId' | 'sealed'>;

export interface BodyLimits {
  /** most entries that the store may have */
  readonly maxRecords: number;
  /** days between the destruction of an entry and its effect */
  readonly delayDays: number;
  /** days for which backups are kept, for records whose bodies are in the database */
  readonly backupDays: number;
}

/**
 * Records in PostgreSQL without their bodies, which another store has. The database reserves the body, then the store gets
 * it, then the row is written; a body without a row can't be opened, and the daily sweep destroys what was reserved and got
 * no row. The row is read first, with its ticket, then the body.
 * Revoking destroys the row first: it succeeds if the body store is down, and the sweep destroys the body.
 */
export class StoreWithBodies extends PostgresStore {
  #counted = { entries: 0, until: 0 };

  constructor(
    { session }: PostgresStore,
    private readonly bodies: BodyStore,
    private readonly limits: BodyLimits,
  ) {
    super(session);
  }

  override async sealAll(
    records: readonly NewRecord[],
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (StoredRecord | VaultError)[]> {
    const room = await this.#room(deadline);
    const cut = readEach([...records.entries()], ([number, record]) => {
      if (number >= room) throw full(this.limits.maxRecords);
      return { record, ...this.#cut(record.kind, record.sealed) };
    });
    const put = inPlaces(cut, await this.#putAll(successes(cut), deadline));
    const kept = successes(put);
    return inPlaces(put, kept.length === 0 ? [] : await super.sealAll(kept, caller, deadline));
  }

  override async receiveCreated(
    record: DeliveredRecord,
    delivery: Delivery,
    deadline: Deadline,
  ): Promise<CreatedOutcome> {
    // deliveries are repeated: each would leave a body behind
    if (await this.createdSeen(record, delivery, deadline)) return 'duplicate';
    if ((await this.#room(deadline)) < 1) throw full(this.limits.maxRecords);
    const [put] = await this.#putAll([{ record, ...this.#cut('delegated-share', record.sealed) }], deadline);
    if (put === undefined || put instanceof VaultError) throw put ?? full(this.limits.maxRecords);
    return super.receiveCreated(put, delivery, deadline);
  }

  override async unsealAll(
    queries: readonly RecordQuery[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<readonly (SealedRecord | VaultError)[]> {
    const records = await super.unsealAll(queries, reason, caller, deadline);
    let bytes = 0;
    // in order, before any body is read: which ones are too large depends on nothing else
    const split = readEach(records, (record) => {
      if (record instanceof VaultError) throw record;
      const parts = splitRecord(record.sealed);
      bytes += parts?.length ?? 0;
      if (parts !== undefined && records.length > 1 && bytes > MAX_RESPONSE_BYTES) throw tooLarge();
      return { record, parts };
    });
    const joined = await eachItem(successes(split), async ({ record, parts }) =>
      parts === undefined ? record : { ...record, sealed: await this.#withBody(record.recordId, parts, deadline) },
    );
    return inPlaces(split, joined);
  }

  override async revoke(
    wallet: WalletKey,
    kinds: readonly Kind[],
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<Revocation> {
    const revocation = await super.revoke(wallet, kinds, reason, caller, deadline);
    const { revoked, revokedAt, known } = revocation;
    const { queued, destroyed } = await this.#destroyQueued(wallet, deadline);
    const { delayDays, backupDays } = this.limits;
    // the sweep runs once a day
    const gone = destroyed && queued.length === 0 ? 0 : Date.now() + (delayDays + (destroyed ? 0 : 1)) * DAY_MS;
    const elsewhere = queued.filter((at) => at >= revokedAt).length;
    // a record whose body was in the database, now or at an earlier revocation, may be in its backups
    const whole = known && (revoked === 0 || elsewhere < revoked);
    const expired = revokedAt.getTime() + (whole ? backupDays * DAY_MS : 0);
    return { ...revocation, unreadableAfter: new Date(Math.max(expired, gone)) };
  }

  override async receiveRevoked(
    wallet: WalletKey,
    delivery: RevokedDelivery,
    deadline: Deadline,
  ): Promise<RevokedOutcome> {
    const outcome = await super.receiveRevoked(wallet, delivery, deadline);
    await this.#destroyQueued(wallet, deadline);
    return outcome;
  }

  #cut(kind: Kind, sealed: SealedMaterials): CutRecord {
    const cut = cutRecord(kind, sealed);
    const { maxBytes } = this.bodies;
    if (cut.body.length <= maxBytes) return cut;
    const problem = `expected materials of at most ${maxBytes} bytes in the body store, got ${cut.body.length}`;
    throw new VaultError('InvalidRequest', problem);
  }

  /** Reserves the bodies, then stores each. Returns the records with what their rows get. */
  async #putAll<R extends Sealed>(
    cuts: readonly (CutRecord & { readonly record: R })[],
    deadline: Deadline,
  ): Promise<readonly (R | VaultError)[]> {
    if (cuts.length === 0) return [];
    await this.session.query(RESERVE, [cuts.map(({ record }) => record.recordId)], deadline);
    this.#counted.entries += cuts.length;
    return eachItem(cuts, async ({ record, body, columns }) => {
      const version = await this.bodies.put(record.recordId, body, deadline.signal);
      return { ...record, sealed: columns(version) };
    });
  }

  async #withBody(recordId: string, split: SplitRecord, deadline: Deadline): Promise<SealedMaterials> {
    const body = await this.bodies.get(recordId, split.version, deadline.signal);
    if (body !== undefined) return split.join(body);
    if (flag(only(await this.session.query(HAS_BODY, [recordId], deadline)), 'exists')) {
      throw new VaultError('MessageCorrupt', "expected the record's body in the body store, got none");
    }
    throw new VaultError('StoreUnavailable', 'expected the record to exist until it was read, got it destroyed');
  }

  /** Returns how many entries more the store may have. Processes count for themselves, so they can overshoot a little. */
  async #room(deadline: Deadline): Promise<number> {
    const now = performance.now();
    if (now >= this.#counted.until) {
      const entries = count(only(await this.session.query(COUNT, [], deadline)), 'bodies');
      this.#counted = { entries, until: now + COUNT_MS };
    }
    return this.limits.maxRecords - this.#counted.entries;
  }

  /**
   * Destroys the wallet's bodies whose records are gone, in at most half of the time left. Failures are left to the sweep:
   * the revocation is done. Returns when each was queued, and whether all were destroyed.
   */
  async #destroyQueued(
    { walletId, chain }: WalletKey,
    deadline: Deadline,
  ): Promise<{ readonly queued: readonly Date[]; readonly destroyed: boolean }> {
    const { signal } = deadlineIn(deadline.remainingMs() / 2, deadline.signal);
    let queued: readonly Date[] = [];
    try {
      const rows = await this.session.query(TO_DESTROY, [walletId, chain], deadline);
      queued = rows.map((row) => time(row, 'queued_at'));
      const ids = rows.map((row) => text(row, 'record_id'));
      const destroyed = successes(await eachItem(ids, (id) => this.bodies.destroy(id, signal).then(() => id)));
      if (destroyed.length > 0) await this.session.query(DESTROYED, [destroyed], deadline);
      return { queued, destroyed: destroyed.length === ids.length };
    } catch {
      return { queued, destroyed: false };
    }
  }
}

function full(maxRecords: number): VaultError {
  return new VaultError('StoreFull', `expected a body store with fewer than ${maxRecords} entries, got a full one`);
}

function tooLarge(): VaultError {
  return new VaultError('BatchTooLarge', 'expected records that fit one response, got more: ask for this one again');
}
