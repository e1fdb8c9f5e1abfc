import { unsealEvent } from './elsewhere/events';
import type { BodyRounds } from './elsewhere/bodies';
import { measure, start, withElsewhere } from './elsewhere/processes';
import { type Spread, spreadOf } from './elsewhere/rounds';
import { onlyKeys } from './elsewhere/unseal-keys';
import { bundleFile } from './elsewhere/handler';
import type { ElsewhereVault } from './elsewhere/vault-process';
import { LOCAL_BODIES } from '../tools/build/local-bodies';

const STARTS = 5;
const TRIGGERS = ['0023', '0025'] as const;

/**
 * Compares unseals with keys outside AWS, and seals and unseals with bodies outside the database, with the bare requests
 * that they need; and seals with recovery keys, and the database's triggers, with what they are without.
 */
export async function benchElsewhere(): Promise<void> {
  await withElsewhere({ keys: ['google', 'azure', 'hsm', 'vault'] }, async (vault) => {
    await compareUnseals(vault);
    await compareFirstCalls(vault);
  });
  await withElsewhere({ keys: ['recovery'], durable: false }, async (vault) => {
    await compareRecovery(vault);
    await compareTriggers(vault);
  });
  await compareBodies();
}

async function compareUnseals(vault: ElsewhereVault): Promise<void> {
  const byKey = Object.entries(await measure('unseals', 'unseal', vault));
  const names = ['handler', 'database', 'unwraps', 'requests'] as const;
  console.log(`\nWarm unseal of two materials by the key that opens it (medians, ms)\n`);
  console.log(line('', names));
  for (const [key, rounds] of byKey) console.log(line(key, names.map((name) => digits(spreadOf(rounds, (of) => of[name].ms))))); // prettier-ignore
  console.log(`\n${line('', ['handler', 'quietest'], 'quartiles   ', 'unwraps, the same')}`);
  for (const [key, rounds] of byKey) {
    const quiet = (name: (typeof names)[number]): number => spreadOf(rounds, (of) => of[name].ms).quiet;
    const whole = spreadOf(rounds, ({ handler, database, requests }) => handler.ms / (database.ms + requests.ms));
    const keys = spreadOf(rounds, ({ unwraps, requests }) => unwraps.ms / requests.ms);
    const first = (quiet('handler') / (quiet('database') + quiet('requests'))).toFixed(2);
    const second = (quiet('unwraps') / quiet('requests')).toFixed(2);
    console.log(line(key, [digits(whole), first], quartiles(whole), digits(keys), second, quartiles(keys)));
  }
  console.log('  handler / bare requests and call of the database; unwraps / bare requests: in');
  console.log('  pairs, with quartiles (at most 1.3), and of the times of the quietest tenths');
}

async function compareFirstCalls(vault: ElsewhereVault): Promise<void> {
  const { env, arn } = vault.functions.unseal;
  const keys = onlyKeys(vault);
  const times = new Map(keys.map(({ type }) => [type, [] as number[]]));
  for (let round = 0; round < STARTS; round += 1) {
    for (const { type, bundle, variables } of keys) {
      const own = Object.entries({ ...env, ...variables }).filter(
        (each): each is [string, string] => each[1] !== undefined,
      );
      const { callMs } = await start(
        bundleFile(bundle),
        { env: Object.fromEntries(own), arn },
        unsealEvent(vault.wallet),
      );
      times.get(type)?.push(callMs);
    }
  }
  console.log(`\nFirst unseal of a fresh process: connections, login, unwraps (median of ${STARTS}, ms)\n`);
  for (const [key, values] of times) console.log(line(key, [digits(spreadOf(values, (ms) => ms))]));
}

async function compareRecovery(vault: ElsewhereVault): Promise<void> {
  const rounds = await measure('recovery', 'seal', vault);
  const cpu = (name: keyof (typeof rounds)[number]): number => spreadOf(rounds, (of) => of[name].cpuMs).quiet;
  console.log(`\nWarm seal of two materials with two recovery keys (medians, ms)\n`);
  console.log(line('', ['seal', 'dearer', 'CPU'], 'dearer, quartiles'));
  console.log(line('without recovery keys', [digits(spreadOf(rounds, (of) => of.without.ms))]));
  for (const bits of ['2048', '3072', '4096'] as const) {
    const dearer = spreadOf(rounds, (of) => of[bits].ms - of.without.ms);
    const processor = (cpu(bits) - cpu('without')).toFixed(2);
    const seal = spreadOf(rounds, (of) => of[bits].ms);
    console.log(line(`two of RSA-${bits}`, [digits(seal), digits(dearer), processor], quartiles(dearer)));
  }
  console.log('  dearer: in pairs (at most 0.5); CPU: the difference of the quietest tenths');
}

async function compareTriggers(vault: ElsewhereVault): Promise<void> {
  const rounds = await measure('triggers', 'seal', vault);
  console.log(`\nThe database's call that stores a record of AWS KMS only (medians, ms)\n`);
  console.log(line('', ['call', 'ratio'], 'quartiles'));
  console.log(line('with every trigger', [digits(spreadOf(rounds, (of) => of.none)), '']));
  for (const name of TRIGGERS) {
    const ratio = spreadOf(rounds, (of) => of.none / of[name]);
    const time = spreadOf(rounds, (of) => of[name]);
    console.log(line(`without those of ${name}`, [digits(time), digits(ratio)], quartiles(ratio)));
  }
  console.log('  ratio: with every trigger / without these, in pairs (about 1)');
}

async function compareBodies(): Promise<void> {
  const results: [string, BodyRounds][] = [];
  for (const bodies of LOCAL_BODIES) {
    await withElsewhere({ keys: [], bodies, durable: false }, async (vault) => {
      const { rounds, whole } = await measure('bodySeals', 'seal', vault);
      results.push([`seal, ${bodies}`, rounds]);
      results.push([`unseal, ${bodies}`, await measure('bodyUnseals', 'unseal', { ...vault, whole })]);
    });
  }
  console.log(`\nWhat a body store adds to a warm call (medians, ms)\n`);
  console.log(line('', ['without', 'with', 'added', 'requests'], 'added, quartiles'));
  for (const [label, rounds] of results) {
    const added = spreadOf(rounds, (of) => of.with.ms - of.without.ms);
    const times = (['without', 'with'] as const).map((name) => spreadOf(rounds, (of) => of[name].ms));
    const requests = spreadOf(rounds, (of) => of.requests.ms);
    console.log(line(label, [...times, added, requests].map(digits), quartiles(added)));
  }
  console.log('  requests: the bare ones to the store');
}

function line(label: string, cells: readonly string[], ...notes: readonly string[]): string {
  return [`  ${label.padEnd(23)}`, ...cells.map((cell) => cell.padStart(9)), ...notes.map((note) => `  ${note}`)].join('').trimEnd(); // prettier-ignore
}

const digits = ({ median }: Spread): string => median.toFixed(2);
const quartiles = ({ low, high }: Spread): string => `${low.toFixed(2)} to ${high.toFixed(2)}`;

if (require.main === module) void benchElsewhere();
