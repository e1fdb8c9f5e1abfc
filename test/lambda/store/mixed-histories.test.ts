import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KINDS } from '../../../lambda/contract/kinds';
import type { RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, deliveredRecord, minutesFromNow, newDelivery, newRecord, newWallet, query } from './fixtures';
import { type FinalState, Observer } from './history-of-deliveries';
import { type Left, OrderModel, type Step } from './order-model';

const SLOW = process.env.SHARE_VAULT_SLOW_TESTS !== undefined;

let database: TestDatabase;
let observer: Observer;
let receiver: RecordStore;
let sealer: RecordStore;
let revoker: RecordStore;
let auditor: RecordStore;
beforeAll(async () => {
  database = await TestDatabase.start();
  observer = await Observer.of(database);
  receiver = await database.store('vault_receiver');
  sealer = await database.store('vault_sealer');
  revoker = await database.store('vault_revoker');
  auditor = await database.store('vault_auditor');
});
afterAll(() => database.stop());

type Draft = Pick<Step, 'by'> & { readonly offset: bigint };

const AHEAD = 300_000_000_000n;
/** From a minute ago on, and from 4 minutes ahead on: a direct revocation's time lies between. Some are 1 ns apart. */
const OFFSETS = [0n, 1n, 998_000n, 1_000_000n, 2_000_000n].flatMap((offset) => [offset, offset + AHEAD]);
const anyDraft: fc.Arbitrary<Draft> = fc.record({
  by: fc.constantFrom('created', 'revoked', 'seal', 'revoke'),
  offset: fc.constantFrom(...OFFSETS),
});

function stepsOf(drafts: readonly Draft[]): readonly Step[] {
  const [start, now] = [minutesFromNow(-1), minutesFromNow(0)];
  return drafts.map(({ by, offset }) => ({ by, time: by === 'revoke' ? now : start + offset, eventId: randomUUID() }));
}

/** Every call; each returns its outcome. `supersedes` is the live record's id. */
const CALLS: Readonly<Record<Step['by'], (wallet: WalletKey, step: Step, supersedes?: string) => Promise<string>>> = {
  created: (wallet, { time, eventId }) =>
    receiver.receiveCreated(deliveredRecord(wallet, { shareSetId: eventId }), newDelivery(time, { eventId }), soon()),
  revoked: (wallet, { time, eventId }) => receiver.receiveRevoked(wallet, newDelivery(time, { eventId }), soon()),
  seal: (wallet, { eventId }, supersedes) =>
    sealer.seal(newRecord(wallet, { shareSetId: eventId, supersedes }), caller, soon()).then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    ),
  revoke: (wallet) => revoker.revoke(wallet, KINDS, 'lost', caller, soon()).then(() => 'done'),
};

/** Runs the steps. Returns each outcome and its traces, in the database and by the model. */
async function replay(
  wallet: WalletKey,
  steps: readonly Step[],
): Promise<{ readonly left: readonly Left[]; readonly expected: readonly Left[] }> {
  const model = new OrderModel();
  const [left, expected]: [Left[], Left[]] = [[], []];
  let supersedes: string | undefined;
  for (const step of steps) {
    expected.push(model.apply(step));
    const outcome = await CALLS[step.by](wallet, step, supersedes);
    const { records, revokedAt } = await auditor.records(wallet, soon());
    const live = records.find(({ supersededAt }) => supersededAt === undefined);
    const stored = records.map(({ shareSetId = '' }) => shareSetId).sort();
    left.push({ outcome, live: live?.shareSetId, stored, tombstone: revokedAt !== undefined });
    supersedes = live?.recordId;
  }
  return { left, expected };
}

/** Returns the expected result of an unseal and of the access log's chain in the end, by the model's last state. */
function endOf(left: Left | undefined): Partial<FinalState> {
  const tombstone = left?.tombstone ?? false;
  return { readable: left?.live ?? (tombstone ? 'Revoked' : 'NotFound'), tombstone, escaped: 0, intact: true };
}

async function expectAsOrdered(steps: readonly Step[]): Promise<void> {
  const wallet = newWallet();
  const { left, expected } = await replay(wallet, steps);
  expect(left).toEqual(expected);
  await expect(observer.stateOf(wallet)).resolves.toMatchObject(endOf(expected.at(-1)));
}

test('deliveries, direct seals and direct revocations in any mixture end as their order says', async () => {
  const anyMixture = fc.asyncProperty(fc.array(anyDraft, { minLength: 1, maxLength: 10 }), (drafts) =>
    expectAsOrdered(stepsOf(drafts)),
  );
  await fc.assert(anyMixture, { numRuns: SLOW ? 3_000 : 80 });
}, 600_000);

interface Member {
  readonly receiving: RecordStore;
  readonly sealing: RecordStore;
  readonly revoking: RecordStore;
  readonly unsealing: RecordStore;
}

/** Runs each with connections of its own. */
async function newMember(): Promise<Member> {
  return {
    receiving: await database.store('vault_receiver'),
    sealing: await database.store('vault_sealer'),
    revoking: await database.store('vault_revoker'),
    unsealing: await database.store('vault_unsealer'),
  };
}

/** Runs all at once. Refusals, such as one of a direct seal, do not matter here. */
async function mixAtOnce(crowd: readonly Member[], wallet: WalletKey): Promise<void> {
  const calls = crowd.flatMap(({ receiving, sealing, revoking, unsealing }, index): Promise<unknown>[] => [
    receiving.receiveCreated(deliveredRecord(wallet), newDelivery(minutesFromNow(index - 2)), soon()),
    sealing.seal(newRecord(wallet), caller, soon()),
    unsealing.unseal(query(wallet), caller, soon()),
    receiving.receiveRevoked(wallet, newDelivery(minutesFromNow(index - 3)), soon()),
    ...(index === 0 ? [revoking.revoke(wallet, KINDS, 'lost', caller, soon())] : []),
  ]);
  await Promise.allSettled(calls);
}

test('21 deliveries, seals and revocations at once leave a consistent wallet too', async () => {
  const crowd = await Promise.all([1, 2, 3, 4, 5].map(newMember));
  const wallets = Array.from({ length: SLOW ? 300 : 20 }, newWallet);
  const states = new Set<string>();
  for (const wallet of wallets) {
    await mixAtOnce(crowd, wallet);
    const { readable, escaped, intact } = await observer.stateOf(wallet);
    states.add(`${readable} ${escaped} ${intact ? 'intact' : 'broken'}`);
  }
  // the newest event is a created; the direct revocation came before it or after it
  expect(['set-1 0 intact', 'Revoked 0 intact']).toEqual(expect.arrayContaining([...states]));
}, 600_000);
