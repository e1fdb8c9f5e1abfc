import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RecordStore } from '../../../lambda/store/store';
import { TestDatabase } from '../../support/postgres';
import { at, newWallet } from './fixtures';
import { type FinalState, type Happening, Observer, sending, stateByTime } from './history-of-deliveries';

let database: TestDatabase;
let receiver: RecordStore;
let observer: Observer;
beforeAll(async () => {
  database = await TestDatabase.start();
  receiver = await database.store('vault_receiver');
  observer = await Observer.of(database);
});
afterAll(() => database.stop());

const SLOW = process.env.SHARE_VAULT_SLOW_TESTS !== undefined;
const SLOW_MS = 600_000;

type Name = 'A' | 'B' | 'R' | 'late A';
const NAMES: readonly Name[] = ['A', 'B', 'R', 'late A'];

/** Returns every distinct order of the names, even if a name occurs several times. */
function orders(names: readonly Name[]): readonly (readonly Name[])[] {
  if (names.length === 0) return [[]];
  return [...new Set(names)].flatMap((first) => {
    const index = names.indexOf(first);
    const rest = names.filter((_, other) => other !== index);
    return orders(rest).map((tail) => [first, ...tail]);
  });
}

/** Duplicates one of the names at a time, or all. */
const ORDERS = SLOW
  ? orders([...NAMES, ...NAMES])
  : NAMES.flatMap((twice) => orders([...NAMES, twice])).filter(isFirst);

/** Both A have the same time: an order with their names exchanged sends the same. */
function isFirst(order: readonly Name[]): boolean {
  return order.indexOf('A') < order.indexOf('late A');
}

/** Returns the different final states of the orders, each on a wallet of its own. */
async function finalStates(happenings: Readonly<Record<Name, Happening>>): Promise<readonly FinalState[]> {
  const states = new Map<string, FinalState>();
  for (const order of ORDERS) {
    const state = await stateAfter(order.map((name) => happenings[name]));
    states.set(Object.values(state).join(), state);
  }
  return [...states.values()];
}

/** Delivers in this order. A name that occurs twice is one delivery, sent twice. */
async function stateAfter(happenings: readonly Happening[]): Promise<FinalState> {
  const wallet = newWallet();
  const sends = new Map(happenings.map((happening) => [happening, sending(wallet, happening)]));
  for (const happening of happenings) await sends.get(happening)?.(receiver);
  return observer.stateOf(wallet);
}

const created = (seconds: number): Happening => ({ event: 'created', seconds });
const revoked = (seconds: number): Happening => ({ event: 'revoked', seconds });

const READABLE = { readable: 'of 30', tombstone: false, escaped: 0, intact: true };
const REVOKED = { readable: 'Revoked', tombstone: true, escaped: 0, intact: true };

describe('created A, created B newer, revoked, late created A, and duplicates end as in the order of their times', () => {
  test.each([
    ['before A', 5, READABLE],
    ['with A', 10, READABLE],
    ['between A and B', 20, READABLE],
    ['with B', 30, REVOKED],
    ['after B', 40, REVOKED],
  ])(
    'in every order, revoked %s',
    async (_, seconds, expected) => {
      const happenings = { A: created(10), B: created(30), R: revoked(seconds), 'late A': created(10) };
      await expect(finalStates(happenings)).resolves.toEqual([{ ...expected, revokedUntil: at(seconds) }]);
    },
    SLOW_MS,
  );
});

test('all orders were tried', () => {
  // slow: 8 deliveries in 4 pairs of equals; else 5 with one pair, and half of the orders, since two names send the same
  expect(ORDERS).toHaveLength(SLOW ? 40_320 / 16 : (4 * 60) / 2);
});

test(
  'any deliveries in any order end as their times say',
  async () => {
    const happening = fc.record({
      event: fc.constantFrom('created' as const, 'revoked' as const),
      seconds: fc.integer({ min: 0, max: 9 }),
    });
    const inAnyOrder = fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 10 }), async (happenings) => {
      await expect(stateAfter(happenings)).resolves.toEqual(stateByTime(happenings));
    });
    await fc.assert(inAnyOrder, { numRuns: SLOW ? 2_000 : 150 });
  },
  SLOW_MS,
);
