import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { Client } from 'pg';
import { ENV } from '../lambda/contract/variables';
import { iamPassword } from '../lambda/store/password';
import { median } from './median';
import type { BenchFunction, BenchVault } from './vault-process';

const ROUNDS = 400;
const WARM_UP = 100;

/** Starts a vault in another process, gives this one the variables of a function, and ends the vault afterwards. */
export async function withVault(name: BenchFunction, compare: (vault: BenchVault) => Promise<void>): Promise<void> {
  const child = fork(join(__dirname, 'vault-process.ts'), [name], { execArgv: ['--import', 'tsx'] });
  try {
    const vault = await new Promise<BenchVault>((resolve, reject) => {
      child.once('message', (message) => resolve(message as BenchVault));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    Object.assign(process.env, vault.env);
    await compare(vault);
  } finally {
    await stop(child);
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else resolve();
  });
}

/** Runs the actions in turn, and returns the median time of each in milliseconds. */
export async function medians<K extends string>(actions: Readonly<Record<K, () => Promise<unknown>>>) {
  const entries = Object.entries(actions) as [K, () => Promise<unknown>][];
  const times = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  const speak = muteStdout();
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    // another one goes first in each round: the first waits for a processor that went idle
    const first = (round + WARM_UP) % entries.length;
    for (const [name, action] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const started = performance.now();
      await action();
      if (round >= 0) times.get(name)?.push(performance.now() - started);
    }
  }
  speak();
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}

/** The handler logs a line a call: its time counts, its text does not belong to the table. */
function muteStdout(): () => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  return () => (process.stdout.write = write);
}

export function contextOf({ functionArn }: BenchVault): Context {
  const context = { awsRequestId: 'bench', invokedFunctionArn: functionArn, getRemainingTimeInMillis: () => 10_000 };
  return context as Context;
}

export async function connect({ env }: Pick<BenchVault, 'env'>): Promise<Client> {
  const login = { host: env[ENV.dbHost] ?? '', port: Number(env[ENV.dbPort]), user: env[ENV.dbUser] ?? '' };
  const client = new Client({
    ...login,
    database: env[ENV.dbName] ?? '',
    // this process has the function's credentials
    password: iamPassword(login),
    ssl: { ca: readFileSync(env[ENV.dbCaFile] ?? ''), minVersion: 'TLSv1.3' },
  });
  await client.connect();
  return client;
}

/** Prints a row of a table: a text and a number with two digits. */
export function row(text: string, value: number, note = ''): void {
  console.log(`  ${text.padEnd(29)} ${value.toFixed(2).padStart(7)}${note}`);
}
