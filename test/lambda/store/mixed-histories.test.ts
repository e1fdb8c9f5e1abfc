import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Client } from 'pg';
import type { RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import {
  caller,
  deliveredRecord,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  query,
  revocation,
} from './fixtures';
import { Observer } from './history-of-deliveries';

const SLOW = process.env.SHARE_VAULT_SLOW_TESTS !== undefined;

let database: TestDatabase;
let superuser: Client;
let observer: Observer;
let receiver: RecordStore;
let sealer: RecordStore;
let revoker: RecordStore;
let auditor: RecordStore;
beforeAll(async () => {
  database = await TestDatabase.start();
  superuser = await database.superuser();
  observer = await Observer.of(database);
  receiver = await database.store('vault_receiver');
  sealer = await database.store('vault_sealer');
  revoker = await database.store('vault_revoker');
  auditor = await database.store('vault_auditor');
});
afterAll(() => database.stop());

interface Step {
  readonly by: 'created' | 'revoked' | 'seal' | 'revoke';
  /** of an event, from now */
  readonly minutes: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  by: fc.constantFrom('created', 'revoked', 'seal', 'revoke'),
  minutes: fc.integer({ min: -4, max: 4 }),
});

const STEPS: Readonly<Record<Step['by'], (wallet: WalletKey, time: Date) => Promise<unknown>>> = {
  created: (wallet, time) => receiver.receiveCreated(deliveredRecord(wallet), newDelivery(time), soon()),
  revoked: (wallet, time) => receiver.receiveRevoked(wallet, newDelivery(time), soon()),
  seal: async (wallet) => {
    const supersedes = await liveRecord(wallet);
    // refused while a tombstone stands
    await sealer.seal(newRecord(wallet, { supersedes }), caller, soon()).catch(() => undefined);
  },
  revoke: (wallet) => revoker.revoke(wallet, 'lost', caller, soon()),
};

async function liveRecord(wallet: WalletKey): Promise<string | undefined> {
  const { records } = await auditor.records(wallet, soon());
  return records.find(({ supersededAt }) => supersededAt === undefined)?.recordId;
}

/** Goes the steps, and notes after which of them something was not as it must always be. */
async function breachesOf(wallet: WalletKey, steps: readonly Step[]): Promise<readonly string[]> {
  const breaches: string[] = [];
  let until = 0;
  for (const { by, minutes } of steps) {
    await STEPS[by](wallet, minutesFromNow(minutes));
    const now = Number((await revocation(superuser, wallet))?.until);
    if (now < until) breaches.push(`${by} let the newest revocation's time fall`);
    until = now;
    const live = await liveRecord(wallet);
    const { readable, tombstone, escaped, intact } = await observer.stateOf(wallet);
    if (escaped > 0) breaches.push(`${by} left what a revocation should have destroyed`);
    if (!intact) breaches.push(`${by} broke the chain`);
    if (tombstone !== (readable === 'Revoked')) breaches.push(`${by} left a tombstone that is none`);
    if (!tombstone && (live === undefined) !== (readable === 'NotFound')) breaches.push(`${by} hid the live record`);
    if (by === 'revoke' && readable !== 'Revoked') breaches.push('revoke left the wallet readable');
  }
  return breaches;
}

test('deliveries, direct seals and direct revocations in any mixture keep the wallet whole', async () => {
  const anyMixture = fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 10 }), async (steps) => {
    await expect(breachesOf(newWallet(), steps)).resolves.toEqual([]);
  });
  await fc.assert(anyMixture, { numRuns: SLOW ? 3_000 : 80 });
}, 600_000);

interface Member {
  readonly receiving: RecordStore;
  readonly sealing: RecordStore;
  readonly revoking: RecordStore;
  readonly unsealing: RecordStore;
}

/** Each over connections of its own. */
async function newMember(): Promise<Member> {
  return {
    receiving: await database.store('vault_receiver'),
    sealing: await database.store('vault_sealer'),
    revoking: await database.store('vault_revoker'),
    unsealing: await database.store('vault_unsealer'),
  };
}

/** All at once; what is refused, as a direct seal may be, does not matter here. */
async function mixAtOnce(crowd: readonly Member[], wallet: WalletKey): Promise<void> {
  const calls = crowd.flatMap(({ receiving, sealing, revoking, unsealing }, index): Promise<unknown>[] => [
    receiving.receiveCreated(deliveredRecord(wallet), newDelivery(minutesFromNow(index - 2)), soon()),
    sealing.seal(newRecord(wallet), caller, soon()),
    unsealing.unseal(query(wallet), caller, soon()),
    receiving.receiveRevoked(wallet, newDelivery(minutesFromNow(index - 3)), soon()),
    ...(index === 0 ? [revoking.revoke(wallet, 'lost', caller, soon())] : []),
  ]);
  await Promise.allSettled(calls);
}

test('21 at once keep it whole too', async () => {
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
