import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { at, deliveredRecord, newDelivery, newWallet, rowsOf } from './fixtures';
import { type FinalState, type Happening, Observer, readable, sending, stateByTime } from './history-of-deliveries';

const SLOW = process.env.SHARE_VAULT_SLOW_TESTS !== undefined;
const CONCURRENCY = 20;
const ROUNDS = SLOW ? 200 : 10;

let database: TestDatabase;
let superuser: Client;
let observer: Observer;
/** Stores with one connection each. */
let receivers: readonly RecordStore[];
beforeAll(async () => {
  database = await TestDatabase.start();
  superuser = await database.superuser();
  observer = await Observer.of(database);
  receivers = await Promise.all(Array.from({ length: CONCURRENCY }, () => database.store('vault_receiver')));
});
afterAll(() => database.stop());

const created = (seconds: number): Happening => ({ event: 'created', seconds });
const revoked = (seconds: number): Happening => ({ event: 'revoked', seconds });

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function receiverOf(index: number): RecordStore {
  const receiver = receivers[index];
  if (receiver === undefined) throw new Error(`expected at most ${CONCURRENCY} receivers, got more`);
  return receiver;
}

/** Sends all deliveries at once, each over its own connection, and every event five times. */
async function deliverAtOnce(wallet: WalletKey, happenings: readonly Happening[]): Promise<void> {
  const sends = happenings.map((happening) => sending(wallet, happening));
  const all = shuffled([...sends, ...sends, ...sends, ...sends, ...sends]);
  await Promise.all(all.map((send, index) => send(receiverOf(index))));
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

async function statesAfter(rounds: number, deliver: (wallet: WalletKey) => Promise<unknown>) {
  const states = new Map<string, FinalState>();
  for (let round = 0; round < rounds; round++) {
    const wallet = newWallet();
    await deliver(wallet);
    const state = await observer.stateOf(wallet);
    states.set(Object.values(state).join(), state);
  }
  return [...states.values()];
}

describe('20 deliveries at once end as in the order of their times', () => {
  test.each([
    ['before A', 5],
    ['with A', 10],
    ['between A and B', 20],
    ['with B', 30],
    ['after B', 40],
  ])(
    'with a revocation %s',
    async (_, seconds) => {
      const happenings = [created(10), created(30), revoked(seconds), created(10)];
      const states = statesAfter(ROUNDS, (wallet) => deliverAtOnce(wallet, happenings));
      await expect(states).resolves.toEqual([stateByTime(happenings)]);
    },
    600_000,
  );

  test('and each event is processed once: the other deliveries of it are duplicates', async () => {
    const wallet = newWallet();
    const send = sending(wallet, created(1));
    const answers = await Promise.all(receivers.map((receiver) => send(receiver)));
    expect(answers.filter((answer) => answer === 'sealed')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(CONCURRENCY - 1);
    // the wallet, its record, the delivery and the log's row
    await expect(rowsOf(superuser, wallet)).resolves.toBe(4);
  });

  test('and the ids of one delivery are accepted for one wallet only', async () => {
    const delivery = newDelivery(at(1));
    const wallets = receivers.map(() => newWallet());
    const attempts = wallets.map((wallet, index) =>
      receiverOf(index).receiveRevoked(wallet, delivery, soon()).catch(nameOf),
    );
    const answers = await Promise.all(attempts);
    expect(answers.filter((answer) => answer === 'revoked')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'Conflict')).toHaveLength(CONCURRENCY - 1);
    const { rows } = await superuser.query('SELECT wallet_id FROM vault.wallets WHERE wallet_id = ANY ($1)', [
      wallets.map(({ walletId }) => walletId),
    ]);
    expect(rows).toHaveLength(1);
  });
});

describe('the very first created against a revoked at the same time', () => {
  test.each([
    ['readable if the created is newer', created(2), revoked(1)],
    ['revoked if it is older', created(1), revoked(2)],
    ['revoked if both are of one time', created(1), revoked(1)],
  ])('ends %s', async (_, first, second) => {
    const race = async (wallet: WalletKey) => {
      const both = shuffled([sending(wallet, first), sending(wallet, second)]);
      await Promise.all(both.map((send, index) => send(receiverOf(index))));
    };
    await expect(statesAfter(ROUNDS * 10, race)).resolves.toEqual([stateByTime([first, second])]);
  });

  const CREATED = `SELECT vault_api.accept_created(gen_random_uuid(), $1, 'EVM', NULL, NULL, $2, 's', 'k', 'key',
    gen_random_uuid()::text, gen_random_uuid()::text, $3::bigint, 'request-1')`;
  const REVOKED = `SELECT vault_api.accept_revoked($1, 'EVM', gen_random_uuid()::text, gen_random_uuid()::text,
    $2::bigint, 'request-1')`;

  test.each([
    ['committed', 'COMMIT', { readable: 'Revoked', tombstone: true }],
    ['rolled back', 'ROLLBACK', { readable: 'Revoked', tombstone: true }],
  ])('waits for a created that is under way, and %s then', async (_, end, expected) => {
    const { walletId, chain } = newWallet();
    const first = await database.login('vault_receiver');
    await first.query('BEGIN');
    await first.query(CREATED, [walletId, 'of 1', at(1)]);
    const second = receiverOf(0).receiveRevoked({ walletId, chain }, newDelivery(at(2)), soon());
    await untilWaiting();
    await first.query(end);
    await expect(second).resolves.toBe('revoked');
    await expect(observer.stateOf({ walletId, chain })).resolves.toMatchObject({
      ...expected,
      escaped: 0,
      intact: true,
    });
  });

  test.each([
    ['committed', 'COMMIT', 'outdated', 'Revoked'],
    ['rolled back', 'ROLLBACK', 'sealed', 'of 1'],
  ])('waits for a revoked that is under way, and %s then', async (_, end, answer, left) => {
    const wallet = newWallet();
    const first = await database.login('vault_receiver');
    await first.query('BEGIN');
    await first.query(REVOKED, [wallet.walletId, at(2)]);
    const record = deliveredRecord(wallet, { shareSetId: 'of 1' });
    const second = receiverOf(0).receiveCreated(record, newDelivery(at(1)), soon());
    await untilWaiting();
    await first.query(end);
    await expect(second).resolves.toBe(answer);
    await expect(observer.stateOf(wallet)).resolves.toMatchObject({ readable: left, escaped: 0, intact: true });
  });
});

/** Resolves when a receiver waits for another's lock. */
async function untilWaiting(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_receiver'";
  while ((await superuser.query(waiting)).rowCount === 0) await sleep(5);
}

/** Deliveries of one wallet by several senders, and readers that note records they should not have got. */
class Watch {
  /** the newest revocation with a response */
  #floor = 0;
  #delivering = true;
  readonly reads: string[] = [];
  readonly breaches: string[] = [];

  constructor(private readonly wallet: WalletKey) {}

  async deliver(receiver: RecordStore, happenings: readonly Happening[]): Promise<void> {
    for (const happening of happenings) {
      await sending(this.wallet, happening)(receiver);
      if (happening.event === 'revoked') this.#floor = Math.max(this.#floor, happening.seconds);
    }
  }

  async read(unsealer: RecordStore): Promise<void> {
    while (this.#delivering) {
      const floor = this.#floor;
      const name = await readable(unsealer, this.wallet);
      this.reads.push(name);
      if (name.startsWith('of ') && Number(name.slice(3)) <= floor) this.breaches.push(`${name} after ${floor}`);
    }
  }

  stop(): void {
    this.#delivering = false;
  }
}

/** Times rise through the run, locally in disorder; a fifth of all are revocations. */
function manyHappenings(count: number): readonly Happening[] {
  return Array.from({ length: count }, (_, index) => ({
    event: index % 5 === 4 ? 'revoked' : 'created',
    seconds: 10 + index + Math.floor(Math.random() * 10),
  }));
}

test('a revoked share is readable at no time after its revocation was answered', async () => {
  const watch = new Watch(newWallet());
  const unsealers = await Promise.all([1, 2, 3].map(() => database.store('vault_unsealer')));
  const reading = Promise.all(unsealers.map((unsealer) => watch.read(unsealer)));
  const delivering = receivers.slice(0, 4).map((each) => watch.deliver(each, manyHappenings(SLOW ? 2_000 : 150)));
  await Promise.all(delivering).finally(() => watch.stop());
  await reading;
  expect(watch.breaches).toEqual([]);
  // both occurred, otherwise the test shows nothing
  expect(watch.reads).toEqual(expect.arrayContaining(['Revoked', expect.stringMatching(/^of /)]));
}, 600_000);
