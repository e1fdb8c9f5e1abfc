import { LOCAL_BODIES } from '../tools/build/local-bodies';
import type { BodyRounds } from './elsewhere/bodies';
import { unsealEvent } from './elsewhere/events';
import { bundleFile } from './elsewhere/handler';
import { measure, start, withElsewhere } from './elsewhere/processes';
import { type Spread, spreadOf } from './elsewhere/rounds';
import { onlyKeys } from './elsewhere/unseal-keys';
import type { ElsewhereVault } from './elsewhere/vault-process';
import type { Bench, Settings } from './harness/bench';
import { ratio } from './harness/measure';
import type { Row, Table } from './harness/table';

const STARTS = 5;
const TRIGGERS = ['0023', '0025'] as const;
const RSA_BITS = ['2048', '3072', '4096'] as const;

/**
 * Compares unseals with keys outside AWS, and seals and unseals with bodies outside the database, with the bare requests
 * that they need; and seals with recovery keys, and the database's triggers, with what they are without.
 */
export const elsewhereBench: Bench = {
  name: 'elsewhere',
  run: async ({ progress }) => {
    progress('keys outside AWS');
    const keys = await withElsewhere({ keys: ['google', 'azure', 'hsm', 'vault'] }, async (vault) => [
      await compareUnseals(vault),
      await compareFirstCalls(vault, progress),
    ]);
    progress('recovery keys');
    const seals = await withElsewhere({ keys: ['recovery'], durable: false }, async (vault) => [
      await compareRecovery(vault),
      await compareTriggers(vault),
    ]);
    return [...keys, ...seals, await compareBodies(progress)];
  },
};

async function compareUnseals(vault: ElsewhereVault): Promise<Table> {
  const byKey = Object.entries(await measure('unseals', 'unseal', vault));
  const names = ['handler', 'database', 'unwraps', 'requests'] as const;
  const rows = byKey.map(([key, rounds]): Row => {
    const times = (name: (typeof names)[number]): readonly number[] => rounds.map((of) => of[name].ms);
    const least = rounds.map(({ database, requests }) => database.ms + requests.ms);
    const goal = { atMost: 1.3 };
    return {
      label: key,
      cells: names.map((name) => spreadOf(rounds, (of) => of[name].ms).median),
      ratios: [
        ratio({ id: `elsewhere/unseal/${key}`, heading: 'handler / bare', goal }, times('handler'), least),
        ratio({ id: `elsewhere/unwrap/${key}`, heading: 'unwraps / bare', goal }, times('unwraps'), times('requests')),
      ],
    };
  });
  return {
    title: 'Warm unseal of two materials by the key that opens it (ms)',
    columns: names,
    rows,
    notes: ["bare: the key's requests alone; for the handler, with the database's call"],
  };
}

async function compareFirstCalls(vault: ElsewhereVault, progress: Settings['progress']): Promise<Table> {
  const { env, arn } = vault.functions.unseal;
  const keys = onlyKeys(vault);
  const times = new Map(keys.map(({ type }) => [type, [] as number[]]));
  for (let round = 0; round < STARTS; round += 1) {
    progress(`first calls ${round + 1}/${STARTS}`);
    for (const { type, bundle, variables } of keys) {
      const own = Object.entries({ ...env, ...variables }).filter(
        (each): each is [string, string] => each[1] !== undefined,
      );
      const fn = { env: Object.fromEntries(own), arn };
      const { callMs } = await start(bundleFile(bundle), fn, unsealEvent(vault.wallet));
      times.get(type)?.push(callMs);
    }
  }
  return {
    title: `First unseal of a fresh process: connections, login, unwraps (median of ${STARTS}, ms)`,
    columns: ['first call'],
    rows: [...times].map(([label, values]) => ({ label, cells: [spreadOf(values, (ms) => ms).median] })),
  };
}

async function compareRecovery(vault: ElsewhereVault): Promise<Table> {
  const rounds = await measure('recovery', 'seal', vault);
  const cpu = (name: keyof (typeof rounds)[number]): number => spreadOf(rounds, (of) => of[name].cpuMs).quiet;
  const seal = (name: keyof (typeof rounds)[number]): number => spreadOf(rounds, (of) => of[name].ms).median;
  const withKeys = RSA_BITS.map((bits): Row => {
    const added = spreadOf(rounds, (of) => of[bits].ms - of.without.ms);
    return {
      label: `two of RSA-${bits}`,
      cells: [seal(bits), ...cellsOf(added), cpu(bits) - cpu('without')],
    };
  });
  return {
    title: 'Warm seal of two materials with two recovery keys (ms)',
    columns: ['seal', ...ADDED, 'processor'],
    rows: [{ label: 'without recovery keys', cells: [seal('without')] }, ...withKeys],
    notes: ['added: in pairs (at most 0.5); processor: the difference of the quietest tenths'],
  };
}

async function compareTriggers(vault: ElsewhereVault): Promise<Table> {
  const rounds = await measure('triggers', 'seal', vault);
  const call = (name: 'none' | (typeof TRIGGERS)[number]): number[] => rounds.map((of) => of[name]);
  const median = (values: readonly number[]): number => spreadOf(values, (ms) => ms).median;
  const without = TRIGGERS.map((name): Row => {
    const named = { id: `elsewhere/triggers/${name}`, heading: 'with every / without' };
    return {
      label: `without those of ${name}`,
      cells: [median(call(name))],
      ratios: [ratio(named, call('none'), call(name))],
    };
  });
  return {
    title: "The database's call that stores a record of AWS KMS only (ms)",
    columns: ['call'],
    rows: [{ label: 'with every trigger', cells: [median(call('none'))] }, ...without],
  };
}

async function compareBodies(progress: Settings['progress']): Promise<Table> {
  const results: [string, BodyRounds][] = [];
  for (const bodies of LOCAL_BODIES) {
    progress(`bodies in ${bodies}`);
    await withElsewhere({ keys: [], bodies, durable: false }, async (vault) => {
      const { rounds, whole } = await measure('bodySeals', 'seal', vault);
      results.push([`seal, ${bodies}`, rounds]);
      results.push([`unseal, ${bodies}`, await measure('bodyUnseals', 'unseal', { ...vault, whole })]);
    });
  }
  return {
    title: 'What a body store adds to a warm call (ms)',
    columns: ['without', 'with', ...ADDED, 'requests'],
    rows: results.map(([label, rounds]) => {
      const time = (name: 'without' | 'with' | 'requests'): number => spreadOf(rounds, (of) => of[name].ms).median;
      const added = spreadOf(rounds, (of) => of.with.ms - of.without.ms);
      return { label, cells: [time('without'), time('with'), ...cellsOf(added), time('requests')] };
    }),
    notes: ['added: in pairs; requests: the bare ones to the store'],
  };
}

/** Columns of a difference, with its quartiles. */
const ADDED = ['added', 'lower', 'upper'] as const;
const cellsOf = ({ median, low, high }: Spread): readonly number[] => [median, low, high];
