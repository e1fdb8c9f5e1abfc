import { randomInt, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { KINDS } from '../../lambda/contract/kinds';
import { resealStep } from '../../lambda/invocation/reseal-step';
import { createShareKeys } from '../../lambda/keys/share-keys';
import { PostgresReseals } from '../../lambda/store/reseals';
import { Session } from '../../lambda/store/session';
import type { NewRecord, RecordStore, WalletKey } from '../../lambda/store/store';
import { soon } from '../support/postgres';
import {
  callFor,
  endLeases,
  former,
  freezer,
  materialOf,
  newSealed,
  parts,
  places,
  present,
  requireOwn,
  rotate,
  run,
  sealedUnder,
  useResealer,
} from './invocation/resealer';
import { caller, minutesFromNow, newDelivery, newWallet, query } from './store/fixtures';
import { database, problemOf, receiver, revoker, sealer, superuser } from './store/stores';

useResealer();

const WALLETS = 24;
/** Rounds of each actor: some seconds of work. */
const ROUNDS = 24;

/** mulberry32: one seed, one sequence. */
function generatorOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A wallet, and what the database must hold of it. One writer at a time changes it: what reseals meet is any order. */
interface Known extends WalletKey {
  /** ids of its records, live and superseded */
  records: readonly string[];
  live: string | undefined;
  busy: boolean;
}

class History {
  readonly wallets: Known[] = [];
  /** openings that succeeded, by record */
  readonly openings = new Map<string, number>();
  readonly counts = { opened: 0, frozen: 0, revoked: 0, superseded: 0, resealed: 0, steps: 0 };
  #events = 0;

  constructor(readonly random: (below: number) => number) {}

  /** Runs a change of a wallet that no other writer is at. */
  async write(change: (wallet: Known) => Promise<void>): Promise<void> {
    const wallet = this.wallets[this.random(this.wallets.length)];
    if (wallet === undefined || wallet.busy) return;
    wallet.busy = true;
    await change(wallet).finally(() => (wallet.busy = false));
  }

  add(wallet: Known, { recordId }: NewRecord): void {
    wallet.records = [...wallet.records, recordId];
    wallet.live = recordId;
    this.counts.superseded += 1;
  }

  /** Later than every revocation, which is at the present time. */
  nextEvent(): bigint {
    this.#events += 1;
    return minutesFromNow(1) + BigInt(this.#events);
  }
}

async function unseal(history: History, unsealer: RecordStore): Promise<void> {
  const wallet = history.wallets[history.random(WALLETS)] ?? newWallet();
  try {
    const row = await unsealer.unseal(query(wallet), caller, soon());
    history.openings.set(row.recordId, (history.openings.get(row.recordId) ?? 0) + 1);
    await requireOwn(wallet, row, createShareKeys(present, [former]));
    history.counts.opened += 1;
  } catch (error) {
    if (!(error instanceof Error) || !['Revoked', 'Frozen', 'NotFound'].includes(error.name)) throw error;
    if (error.name === 'Frozen') history.counts.frozen += 1;
  }
}

/** A delivery or a direct seal that supersedes, under either key: a version of `seal` that was replaced may still run. */
async function supersede(history: History): Promise<void> {
  await history.write(async (wallet) => {
    const { walletId, chain, live } = wallet;
    const record = await newSealed(history.random(3) === 0 ? former : present, {
      ...{ walletId, chain },
      ...(live !== undefined && { supersedes: live }),
    });
    if (live === undefined || history.random(2) === 0) {
      const { delegatedShare = Buffer.alloc(0), walletApiKey = Buffer.alloc(0) } = record.sealed;
      const delivered = { ...record, sealed: { delegatedShare, walletApiKey } };
      const outcome = await receiver.receiveCreated(delivered, newDelivery(history.nextEvent()), soon());
      if (outcome !== 'sealed') throw new Error(`expected a delivery that supersedes, got ${outcome}`);
    } else {
      await sealer.seal(record, caller, soon());
    }
    history.add(wallet, record);
  });
}

async function revoke(history: History): Promise<void> {
  await history.write(async (wallet) => {
    await revoker.revoke(wallet, KINDS, 'test', caller, soon());
    wallet.records = [];
    wallet.live = undefined;
    history.counts.revoked += 1;
  });
}

/** One worker of a state machine, until nothing is left of its run. */
async function reseal(history: History, reseals: PostgresReseals, name: string): Promise<void> {
  for (;;) {
    const step = await resealStep(callFor(name), parts({ reseals }), () => undefined).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'Frozen') return undefined;
      throw error;
    });
    history.counts.steps += 1;
    history.counts.resealed += step?.resealed ?? 0;
    if (step !== undefined && step.failed > 0) throw new Error('expected no failed record, got one');
    if (step?.next === 'receipt') return;
    await endLeases();
  }
}

/** Freezes until an opening was refused, and thaws. */
async function freezeAndThaw(history: History, unsealer: RecordStore): Promise<void> {
  const guard = { actor: 'guard', requestId: randomUUID() };
  const { freezeId } = await freezer.freeze({ scope: 'all' }, 'drill', guard, soon());
  while (history.counts.frozen === 0) await unseal(history, unsealer);
  await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE id = $1", [freezeId]);
}

const times = async (rounds: number, act: (round: number) => Promise<void>): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) await act(round);
};

const seed = Number(process.env.SHARE_VAULT_SEED ?? randomInt(2 ** 31));

test(`reseals among openings, superseding records, revocations, a rotation and a freeze lose nothing (seed ${seed})`, async () => {
  const history = new History(generatorOf(seed));
  for (let n = 0; n < WALLETS; n += 1) {
    const { walletId, chain, recordId } = await sealedUnder(former);
    history.wallets.push({ walletId, chain, records: [recordId], live: recordId, busy: false });
  }
  const workers = await Promise.all(
    [1, 2].map(async () => new PostgresReseals(new Session(await database.settings('vault_resealer')))),
  );
  const [drill, ...unsealers] = [await unsealerOf(), await unsealerOf(), await unsealerOf()];

  await Promise.all([
    ...unsealers.map((each) => times(2 * ROUNDS, () => unseal(history, each))),
    times(ROUNDS, () => supersede(history)),
    times(ROUNDS, async (round) => {
      if (round % 6 === 5) await revoke(history);
      if (round === ROUNDS / 3) await rotate(present);
      if (round === ROUNDS / 2) await freezeAndThaw(history, drill);
      await supersede(history);
    }),
    ...workers.map((each, i) => times(3, (round) => reseal(history, each, `${run}-${i}-${round}`))),
  ]);
  for (const [i, each] of workers.entries()) await reseal(history, each, `${run}-${i}-last`);

  expect(await rowsAndOpenings()).toEqual(expectedRows(history));
  expect(await places()).toEqual([`${present.keyId} ${await materialOf(present)}`]);
  expect(await everyRowOpens(history)).toBe(true);
  const problems = await Promise.all(history.wallets.map((wallet) => problemOf(wallet)));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  expect(await deadlocks()).toBe(0);
  // all of it happened
  expect(Object.entries(history.counts).filter(([, count]) => count === 0)).toEqual([]);
});

const unsealerOf = (): Promise<RecordStore> => database.store('vault_unsealer');

/** The vault's records with their counters, as the database has them. */
async function rowsAndOpenings(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ row: string }>(
    "SELECT id || ' ' || access_count AS row FROM vault.delegated_shares",
  );
  return rows.map(({ row }) => row).sort();
}

const expectedRows = ({ wallets, openings }: History): readonly string[] =>
  wallets.flatMap(({ records }) => records.map((id) => `${id} ${openings.get(id) ?? 0}`)).sort();

/** Opens every record, superseded ones too, past the vault's functions. */
async function everyRowOpens({ wallets }: History): Promise<boolean> {
  for (const { walletId, chain } of wallets) {
    const { rows } = await superuser.query<Record<'id' | 'user_id' | 'public_key' | 'share_set_id', string> & Bytes>(
      `SELECT id, user_id, public_key, share_set_id, encrypted_delegated_share AS share, encrypted_wallet_api_key AS key
        FROM vault.delegated_shares WHERE wallet_id = $1 AND chain = $2`,
      [walletId, chain],
    );
    for (const { id, user_id: userId, public_key: publicKey, share_set_id: shareSetId, share, key } of rows) {
      const sealed = { delegatedShare: share, walletApiKey: key };
      const facts = { recordId: id, userId, publicKey, shareSetId, propertiesSha256: undefined, sealed };
      await requireOwn({ walletId, chain }, facts, present);
    }
  }
  return true;
}

type Bytes = Record<'share' | 'key', Buffer>;

async function deadlocks(): Promise<number> {
  await superuser.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await superuser.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.deadlocks);
}
