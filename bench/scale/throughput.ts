import type { Settings } from '../harness/bench';
import { percentile, ratio, takeTurns } from '../harness/measure';
import type { Row, Table } from '../harness/table';
import { sealEvents, unsealEvent } from '../elsewhere/events';
import { type Environment, withEnvironments } from './environments';
import type { ScaleVault } from './vault-process';

const CONCURRENCIES = [1, 4, 16, 64] as const;
type Burst = readonly (readonly object[])[];

/**
 * Measures the calls a second of seals and unseals with more and more environments at once. Each burst makes the same
 * number of calls; an environment opens wallets of its own, since calls on one wallet wait for each other.
 */
export async function throughput(vault: ScaleVault, { quick, progress }: Settings): Promise<Table> {
  const choice = {
    concurrencies: CONCURRENCIES.filter((concurrency) => !quick || concurrency <= 4),
    calls: quick ? 32 : 192,
    rounds: quick ? 2 : 3,
    progress,
  };
  const unseals = (concurrency: number): Burst =>
    shared(choice.calls, concurrency, (n) =>
      unsealEvent(vault.wallets[n % vault.wallets.length] ?? { walletId: '', chain: '' }),
    );
  const seals = (concurrency: number): Burst => {
    const events = sealEvents(vault, choice.calls);
    return shared(choice.calls, concurrency, (n) => events[n] ?? {});
  };
  return {
    title: 'Calls a second by environments at once, and the time of each call (ms)',
    columns: ['calls/s', 'p50', 'p95', 'failed, %'],
    rows: [...(await rowsOf(vault, 'unseal', unseals, choice)), ...(await rowsOf(vault, 'seal', seals, choice))],
    notes: [
      'failed: with KeyTimeout, if the local KMS has more to do than a call waits for; they are not counted as calls',
      'the environments, KMS and PostgreSQL share the processors of this machine, which limit the calls a second',
    ],
  };
}

/** What a burst made: the times of calls in milliseconds, and the number of calls that timed out at KMS. */
interface Made {
  readonly ms: readonly number[];
  readonly failed: number;
}

interface Choice extends Pick<Settings, 'progress'> {
  readonly concurrencies: readonly number[];
  readonly calls: number;
  readonly rounds: number;
}

/** Deals calls out to environments: each gets those of its own wallets. */
function shared(calls: number, concurrency: number, event: (n: number) => object): Burst {
  return Array.from({ length: concurrency }, (_, environment) =>
    Array.from({ length: calls / concurrency }, (__, call) => event(environment + call * concurrency)),
  );
}

async function rowsOf(
  vault: ScaleVault,
  name: 'seal' | 'unseal',
  burst: (concurrency: number) => Burst,
  { concurrencies, rounds, progress }: Choice,
): Promise<readonly Row[]> {
  const most = Math.max(...concurrencies);
  progress(`${most} environments`);
  return withEnvironments(vault.functions[name], most, async (environments) => {
    const each = new Map<number, Made[]>(concurrencies.map((concurrency) => [concurrency, []]));
    const way = (concurrency: number) => async (): Promise<number> => {
      const events = burst(concurrency);
      const started = performance.now();
      const made = await run(environments, events);
      const seconds = (performance.now() - started) / 1_000;
      each.get(concurrency)?.push(made);
      return made.ms.length / seconds;
    };
    const ways = Object.fromEntries(concurrencies.map((concurrency) => [`at${concurrency}`, way(concurrency)]));
    // each opens its connections. One after another: so many handshakes at once outlast the time that one may take
    const first = burst(most);
    for (const [n, environment] of environments.entries()) await environment.tryCall((first[n] ?? []).slice(0, 1));
    const rates = await takeTurns(ways, { warmUp: 1, rounds }, (done, of) => progress(`${name} ${done}/${of}`));
    const single = rates.at1 ?? [];
    return concurrencies.map((concurrency) =>
      rowOf(name, concurrency, each.get(concurrency) ?? [], rates[`at${concurrency}`] ?? [], single),
    );
  });
}

function rowOf(
  name: string,
  concurrency: number,
  bursts: readonly Made[],
  rates: readonly number[],
  single: readonly number[],
): Row {
  const times = bursts.flatMap(({ ms }) => ms);
  const failed = bursts.reduce((sum, burst) => sum + burst.failed, 0);
  const failedPercent = (100 * failed) / (failed + times.length);
  const label = `${name}, ${concurrency} at once`;
  const cells = [percentile(rates, 50), percentile(times, 50), percentile(times, 95), failedPercent];
  if (concurrency === 1) return { label, cells };
  const id = `scale/${name}/${concurrency}-at-once`;
  return { label, cells, ratios: [ratio({ id, heading: 'of 1 at once' }, rates, single)] };
}

/** Runs a burst. Throws if a call fails for another reason than a KMS that takes too long. */
async function run(environments: readonly Environment[], burst: Burst): Promise<Made> {
  const called = environments.slice(0, burst.length);
  const calls = await Promise.all(called.map((environment, n) => environment.tryCall(burst[n] ?? [])));
  const errors = calls.flatMap((each) => each.errors);
  const other = errors.find((error) => !error.startsWith('KeyTimeout:'));
  if (other !== undefined) throw new Error(`expected responses, got ${other}`);
  return { ms: calls.flatMap(({ ms }) => ms), failed: errors.length };
}
