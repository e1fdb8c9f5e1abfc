/**
 * The order of a wallet's records as docs/dynamic.md defines it, without a database: the result is a function of the
 * accepted deliveries, the operators' revocations and the direct seals, each seal with the newest event before it.
 */

export interface Step {
  readonly by: 'created' | 'revoked' | 'seal' | 'revoke';
  /** of an event, in nanoseconds since 1970; of a direct revocation, now */
  readonly time: bigint;
  /** also the name of the record that it brings */
  readonly eventId: string;
}

/** The outcome of a step, and the state that it leaves. */
export interface Left {
  readonly outcome: string;
  readonly live: string | undefined;
  /** all records, live and superseded */
  readonly stored: readonly string[];
  readonly tombstone: boolean;
}

interface Stored {
  readonly name: string;
  readonly order: bigint;
  /** 0 if delivered; seals of one order go by when they were accepted */
  readonly seal: number;
}

/** Before every event. */
const NONE = -1n;

export class OrderModel {
  #stored: readonly Stored[] = [];
  #newestEvent = NONE;
  #revokedUntil = NONE;
  #seals = 0;

  apply(step: Step): Left {
    const outcome = this.#outcomeOf(step);
    const live = this.#live();
    return {
      outcome,
      live: live?.name,
      stored: this.#stored.map(({ name }) => name).sort(),
      tombstone: this.#tombstone(),
    };
  }

  #outcomeOf(step: Step): string {
    switch (step.by) {
      case 'created':
        return this.#created(step);
      case 'revoked':
        return this.#revoked(step);
      case 'seal':
        return this.#seal(step);
      case 'revoke':
        this.#destroyUntil(newest(step.time, this.#newestEvent, this.#revokedUntil));
        return 'done';
    }
  }

  #created({ time, eventId }: Step): string {
    const record = { name: eventId, order: time, seal: 0 };
    const live = this.#live();
    const outdated = time <= this.#revokedUntil || (live !== undefined && byOrder(live, record) > 0);
    this.#newestEvent = newest(time, this.#newestEvent);
    if (outdated) return 'outdated';
    this.#stored = [...this.#stored, record];
    return 'sealed';
  }

  #revoked({ time }: Step): string {
    const before = this.#stored.length;
    const outdated = time <= this.#revokedUntil;
    this.#newestEvent = newest(time, this.#newestEvent);
    if (outdated) return 'outdated';
    this.#destroyUntil(time);
    if (this.#tombstone()) return 'revoked';
    return this.#stored.length < before ? 'superseded-destroyed' : 'outdated';
  }

  #seal({ eventId }: Step): string {
    if (this.#tombstone()) return 'Revoked';
    this.#seals += 1;
    this.#stored = [...this.#stored, { name: eventId, order: this.#newestEvent, seal: this.#seals }];
    return 'done';
  }

  #destroyUntil(time: bigint): void {
    this.#revokedUntil = time;
    this.#stored = this.#stored.filter(({ order }) => order > time);
  }

  #live(): Stored | undefined {
    return [...this.#stored].sort(byOrder).at(-1);
  }

  #tombstone(): boolean {
    return this.#revokedUntil !== NONE && this.#stored.length === 0;
  }
}

function byOrder(a: Stored, b: Stored): number {
  return compare(a.order, b.order) || compare(a.seal, b.seal) || compare(a.name, b.name);
}

function compare<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function newest(...times: readonly bigint[]): bigint {
  return times.reduce((newer, time) => (time > newer ? time : newer), NONE);
}
