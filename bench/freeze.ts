import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { type LocalVault, startVault } from '../local/vault';
import { shippedTemplate } from '../local/vault/shipped';
import type { Bench } from './harness/bench';
import { type Times, percentile, ratio, takeTurns } from './harness/measure';
import type { Table } from './harness/table';

/** Unseals of a round, and those before it, after which each plan is cached again. */
const CALLS = 100;
const WARM = 20;
/** Checks of the loop that measures one. */
const CHECKS = 40_000;

const CALL = "CALL vault_api.unseal_records($1::json, 'benchmark', 'signer', 'bench', NULL)";

/**
 * Compares the database's part of an unseal, begin and redeem, with and without the two checks whether openings are
 * frozen: both take turns in one run, with former freezes in the table.
 */
export const freezeBench: Bench = {
  name: 'freeze',
  run: async ({ quick, progress }) => {
    const vault = await startVault(shippedTemplate());
    const [owner, unsealer] = [await vault.database('superuser'), await vault.database('vault_unsealer')];
    try {
      const item = await sealOne(vault);
      await addFormerFreezes(owner);
      const check = await checkOf(owner);
      const way = (definition: string) => async (): Promise<number> => {
        await owner.query(definition);
        return quietTenth(await timesOf(unsealer, item));
      };
      const ways = { with: way(check), without: way(withoutCheck(check)) };
      const times = await takeTurns(ways, { warmUp: 1, rounds: quick ? 5 : 30 }, (done, of) =>
        progress(`round ${done + 1} of ${of}`),
      );
      await owner.query(check);
      return [table(times, await timeOfCheck(owner))];
    } finally {
      await Promise.all([owner.end(), unsealer.end()]);
      await vault.close();
    }
  },
};

async function sealOne(vault: LocalVault): Promise<string> {
  const [walletId, chain] = [randomUUID(), 'EVM'];
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  await vault.client(vault.actor('seal')).seal({ kind: 'delegated-share', walletId, chain, materials });
  return JSON.stringify([{ kind: 'delegated-share', wallet_id: walletId, chain }]);
}

async function addFormerFreezes(owner: Client): Promise<void> {
  await owner.query(`INSERT INTO vault.freezes (scope, reason, frozen_by, request_id, thaw_requested_by, thaw_requested_at,
      thawed_by, thawed_at) SELECT 'all', 'r', 'a', 'bench-' || i, 'a', now(), 'b', now() FROM generate_series(1, 100) AS i`);
}

async function checkOf(owner: Client): Promise<string> {
  const text = "SELECT pg_get_functiondef('vault.is_frozen'::regproc) AS definition";
  const { rows } = await owner.query<{ definition: string }>(text);
  return rows[0]?.definition ?? '';
}

/** Returns a constant function without settings, so that the planner leaves the call out. */
function withoutCheck(check: string): string {
  const constant = check.replace(/AS \$function\$[^]*\$function\$/, 'AS $function$ SELECT false $function$');
  return constant
    .replace(/ SET search_path TO [^\n]*/, '')
    .replace(' STABLE', ' IMMUTABLE')
    .replace('LANGUAGE plpgsql', 'LANGUAGE sql');
}

/** Returns the time of each unseal in microseconds. */
async function timesOf(unsealer: Client, item: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = -WARM; call < CALLS; call += 1) {
    const started = performance.now();
    await unsealer.query(CALL, [item]);
    if (call >= 0) times.push((performance.now() - started) * 1_000);
  }
  return times;
}

/** Returns the time of one check inside the database in microseconds, without the way there: that of the quietest loop. */
async function timeOfCheck(owner: Client): Promise<number> {
  const loops: number[] = [];
  for (let loop = 0; loop < 20; loop += 1) {
    const { rows } = await owner.query<{ microseconds: number }>(`
      WITH started AS MATERIALIZED (SELECT clock_timestamp() AS at),
        checked AS MATERIALIZED (SELECT count(*) FROM started, generate_series(1, ${CHECKS / 20}) AS i
          WHERE vault.is_frozen(i::text, 'delegated-share'))
      SELECT (extract(epoch FROM clock_timestamp() - at) * 1e6 / ${CHECKS / 20})::float8 AS microseconds FROM started, checked`);
    loops.push(rows[0]?.microseconds ?? Number.NaN);
  }
  return Math.min(...loops);
}

/** Returns the time that the quietest tenth of the calls took at most: other work on the machine disturbs the rest. */
function quietTenth(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)] ?? Number.NaN;
}

function table(times: Times<'with' | 'without'>, check: number): Table {
  const [whole, without] = [percentile(times.with, 50), percentile(times.without, 50)];
  const both = ratio(
    { id: 'freeze/checks', heading: 'both checks / unseal', goal: { atMost: 0.02 } },
    times.with.map(() => 2 * check),
    times.with,
  );
  const versus = ratio({ id: 'freeze/with/without', heading: 'with / without' }, times.with, times.without);
  return {
    title: 'Begin and redeem of an unseal in the database (the quietest tenth of each round, µs)',
    columns: ['median'],
    rows: [
      { label: 'with the checks of freezes', cells: [whole], ratios: [versus] },
      { label: 'without them', cells: [without] },
      { label: 'one check, of which an unseal has two', cells: [check], ratios: [both] },
    ],
    notes: ['with / without is within the noise: the checks are measured by themselves, in a loop in the database'],
  };
}
