import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { ENV } from '../../lambda/contract/variables';
import { deadlineIn } from '../../lambda/invocation/deadline';
import { iamPassword } from '../../lambda/store/password';
import { createPostgresStore } from '../../lambda/store/postgres';
import type { NewRecord } from '../../lambda/store/store';
import { median } from '../median';
import { sealEvents } from './events';
import { loadHandler } from './handler';
import type { ElsewhereVault } from './vault-process';

/** The database's triggers for records with other keys or bodies, by the migrations that made them. */
export const TRIGGERS = { none: [], '0023': ['remember_wrapped_keys'], '0025': ['add_body', 'queue_body'] } as const;
/** A block of stores with every trigger but these, in milliseconds a store: one of each a round. */
export type TriggerRounds = readonly Readonly<Record<keyof typeof TRIGGERS, number>>[];

const ROUNDS = 40;
/** Stores of a block; the first ones plan the statements anew. */
const [SKIPPED, COUNTED] = [5, 25];

/** Measures the database's call that stores an AWS-only record, with and without the triggers. */
export async function measureTriggers(vault: ElsewhereVault): Promise<TriggerRounds> {
  const { env } = vault.functions.seal;
  const login = { host: env[ENV.dbHost] ?? '', port: Number(env[ENV.dbPort]), user: env[ENV.dbUser] ?? '' };
  const [database, caFile] = [env[ENV.dbName] ?? '', env[ENV.dbCaFile] ?? ''];
  const administrator = new Client({ ...login, ...vault.superuser, database, ssl: { ca: readFileSync(caFile) } });
  await administrator.connect();
  const store = createPostgresStore({ ...login, database, caFile, password: iamPassword(login) });
  const record = await sealedRecord(vault, administrator);
  const block = async (without: readonly string[]): Promise<number> => {
    for (const trigger of without)
      await administrator.query(`ALTER TABLE vault.delegated_shares DISABLE TRIGGER ${trigger}`);
    const times: number[] = [];
    for (let n = -SKIPPED; n < COUNTED; n += 1) {
      const fresh = {
        ...record,
        recordId: randomUUID(),
        walletId: randomUUID(),
        transportIds: [randomUUID(), randomUUID()],
      };
      const started = performance.now();
      await store.seal(fresh, { actor: 'bench', requestId: 'bench' }, deadlineIn(10_000));
      if (n >= 0) times.push(performance.now() - started);
    }
    for (const trigger of without)
      await administrator.query(`ALTER TABLE vault.delegated_shares ENABLE TRIGGER ${trigger}`);
    return median(times);
  };
  const names = Object.keys(TRIGGERS) as (keyof typeof TRIGGERS)[];
  const rounds: Record<keyof typeof TRIGGERS, number>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const taken = { none: 0, '0023': 0, '0025': 0 };
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) taken[name] = await block(TRIGGERS[name]);
    rounds.push(taken);
  }
  await administrator.end();
  return rounds;
}

/** Seals a record by the handler, and returns it as it was stored. */
async function sealedRecord(vault: ElsewhereVault, administrator: Client): Promise<NewRecord> {
  const seal = await loadHandler('seal', vault.functions.seal);
  const [event] = sealEvents(vault, 1);
  const { recordId, keyId } = (await seal(event)) as { readonly recordId: string; readonly keyId: string };
  const keyMaterialId = '';
  const { rows } = await administrator.query<Record<'delegatedShare' | 'walletApiKey', Buffer>>(
    `SELECT encrypted_delegated_share AS "delegatedShare", encrypted_wallet_api_key AS "walletApiKey"
      FROM vault.delegated_shares WHERE id = $1`,
    [recordId],
  );
  const [sealed = {}] = rows;
  return {
    kind: 'delegated-share',
    recordId,
    walletId: '',
    chain: 'EVM',
    keyId,
    keyMaterialId,
    sealed,
    transportIds: [],
  };
}
