import type { Client } from 'pg';
import type { Settings } from '../harness/bench';
import { percentile, ratio, takeTurns } from '../harness/measure';
import type { Ratio, Row, Table } from '../harness/table';
import { unsealEvent } from '../elsewhere/events';
import { connectTo } from './database';
import { type Environment, withEnvironments } from './environments';
import type { ScaleVault } from './vault-process';

/** A database with so many records, beside the vault's own. */
export interface Filled {
  readonly records: number;
  readonly database: string;
}

const CALL = `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'benchmark', 'signer', 'bench'${', NULL'.repeat(9)})`;
/** Wallets to choose from at random in calls by hand. */
const CHOSEN = 10_000;

/**
 * Compares a warm unseal with few and with many records, in databases of one server, in turn. Through the function, for
 * sealed wallets; and the database's part by itself, for any wallets.
 */
export async function unsealByRecords(
  vault: ScaleVault,
  filled: readonly Filled[],
  settings: Settings,
): Promise<Table> {
  const rounds = { warmUp: settings.quick ? 20 : 60, rounds: settings.quick ? 60 : 400 };
  const functions = await through(vault, filled, rounds, settings.progress);
  const databases = await byHand(vault, filled, rounds, settings.progress);
  const [least] = filled;
  const rows = filled.map((each): Row => {
    const [whole, part] = [functions[each.database] ?? [], databases[each.database] ?? []];
    const cells = [percentile(whole, 50), percentile(whole, 95), percentile(part, 50), percentile(part, 95)];
    const label = `${each.records.toLocaleString('en-US')} records`;
    if (least === undefined || each === least) return { label, cells };
    const growth = (name: string, heading: string, now: readonly number[], before: readonly number[] = []): Ratio =>
      ratio({ id: `scale/${name}/${each.records}-records`, heading, goal: { atMost: 1.2 } }, now, before);
    return {
      label,
      cells,
      ratios: [
        growth('unseal', `of ${least.records}`, whole, functions[least.database]),
        growth('database', `database, of ${least.records}`, part, databases[least.database]),
      ],
    };
  });
  return {
    title: 'Unseal of one record by the records in the database (ms)',
    columns: ['p50', 'p95', 'database p50', 'database p95'],
    rows,
    notes: [
      'no commit waits for the disk, since that would hide differences; 128 MiB of shared buffers',
      `database: one of ${CHOSEN.toLocaleString('en-US')} wallets at random, without KMS`,
    ],
  };
}

type Times = Readonly<Record<string, readonly number[]>>;
interface Rounds {
  readonly warmUp: number;
  readonly rounds: number;
}

async function through(
  vault: ScaleVault,
  filled: readonly Filled[],
  rounds: Rounds,
  progress: Settings['progress'],
): Promise<Times> {
  const { unseal } = vault.functions;
  const use = async ([first, ...others]: readonly Filled[], ways: Record<string, Environment>): Promise<Times> => {
    if (first !== undefined) {
      const env = { ...unseal.env, SHARE_VAULT_DB_NAME: first.database };
      return withEnvironments({ ...unseal, env }, 1, ([environment]) =>
        use(others, environment ? { ...ways, [first.database]: environment } : ways),
      );
    }
    let call = 0;
    const way = (environment: Environment) => async (): Promise<number> => {
      call += 1;
      const wallet = vault.wallets[call % vault.wallets.length];
      const [ms] = await environment.call([unsealEvent(wallet ?? { walletId: '', chain: '' })]);
      return ms ?? Number.NaN;
    };
    return takeTurns(mapped(ways, way), rounds, (done, of) => progress(`unseal ${done}/${of}`));
  };
  return use(filled, {});
}

async function byHand(
  vault: ScaleVault,
  filled: readonly Filled[],
  rounds: Rounds,
  progress: Settings['progress'],
): Promise<Times> {
  const clients: Record<string, Client> = {};
  try {
    const wallets: Record<string, readonly string[]> = {};
    for (const { database } of filled) {
      const client = await connectTo(vault.server, database);
      clients[database] = client;
      wallets[database] = await anyWallets(client);
      await client.query('SET SESSION AUTHORIZATION vault_unsealer');
    }
    const way = (client: Client, database: string) => async (): Promise<number> => {
      const of = wallets[database] ?? [];
      const wallet = of[Math.floor(Math.random() * of.length)];
      const started = performance.now();
      await client.query({ name: 'unseal', text: CALL, values: [wallet, 'EVM'] });
      return performance.now() - started;
    };
    return await takeTurns(mapped(clients, way), rounds, (done, of) => progress(`database ${done}/${of}`));
  } finally {
    await Promise.all(Object.values(clients).map((client) => client.end()));
  }
}

async function anyWallets(client: Client): Promise<readonly string[]> {
  const text = `SELECT wallet_id AS id FROM vault.delegated_shares ORDER BY md5(wallet_id) LIMIT ${CHOSEN}`;
  const { rows } = await client.query<{ id: string }>(text);
  return rows.map(({ id }) => id);
}

function mapped<A, B>(of: Readonly<Record<string, A>>, map: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, map(value, key)]));
}
