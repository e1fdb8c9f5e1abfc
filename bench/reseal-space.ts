import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { deadlineIn } from '../lambda/invocation/deadline';
import { connect } from '../lambda/store/connection';
import { migrate } from '../lambda/store/migrate';
import { type LocalPostgres, startPostgres } from '../local/emulator/postgres';
import { VAULT_DATABASE } from '../local/vault/options';

/**
 * How much space passes of reseals need, with autovacuum's settings of migration 0034 and with PostgreSQL's own. Run by
 * itself, since it takes ten minutes: `node --import tsx bench/reseal-space.ts`.
 */

const RECORDS = 30_000;
const A_SECOND = 300;
const PASSES = 3;
const TABLE = 'vault.delegated_shares';
const OPTIONS = ['threshold', 'scale_factor'].flatMap((name) =>
  ['', 'toast.'].map((of) => `${of}autovacuum_vacuum_${name}`),
);
const SIZES = `SELECT pg_relation_size(c.oid) AS rows, pg_relation_size(c.reltoastrelid) AS toast, pg_indexes_size(c.oid) AS indexes
  FROM pg_class AS c WHERE c.oid = '${TABLE}'::regclass`;

async function main(): Promise<void> {
  for (const own of [false, true]) {
    const dataDir = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
    const server = await startPostgres({ dataDir, names: VAULT_DATABASE, settings: { autovacuum_naptime: '5s' } });
    const client = await prepared(server);
    if (!own) await client.query(`ALTER TABLE ${TABLE} RESET (${OPTIONS.join()})`);
    console.log(own ? '\nThe settings of migration 0034, MiB' : "\nPostgreSQL's own settings, MiB");
    await fill(client);
    await print(client, 'sealed');
    for (let pass = 1; pass <= PASSES; pass += 1) {
      await replaceAll(client, pass);
      await print(client, `pass ${pass}`);
    }
    await client.end();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  }
}

async function prepared({ host, port, database, caFile, ...server }: LocalPostgres): Promise<Client> {
  const login = async ({ user, password }: LocalPostgres['master']) =>
    connect({ host, port, database, caFile, user, password: async () => password }, deadlineIn(60_000));
  const master = await login(server.master);
  await migrate(master).finally(() => master.end());
  return login(server.superuser);
}

/** Lengths of a delegated share and a wallet API key as they are sealed under one key: the longer one is in TOAST. */
const messages = () => [randomBytes(1_150), randomBytes(750)];

async function fill(client: Client): Promise<void> {
  await client.query("INSERT INTO vault.wallets (wallet_id, chain) SELECT n::text, 'EVM' FROM generate_series(1, $1::integer) AS n", [RECORDS]); // prettier-ignore
  const text = `INSERT INTO ${TABLE} (id, wallet_id, user_id, public_key, share_set_id, chain, encrypted_delegated_share,
      encrypted_wallet_api_key, encryption_key_id, key_material_id)
    VALUES (gen_random_uuid(), $1, gen_random_uuid(), repeat('0x', 33), gen_random_uuid(), 'EVM', $2, $3, repeat('k', 76),
      repeat('0', 64))`;
  for (let n = 1; n <= RECORDS; n += 1) await client.query({ name: 'insert', text, values: [n, ...messages()] });
  await client.query(`VACUUM ANALYZE ${TABLE}`);
}

/** One row a transaction, as a reseal does, at a pace that leaves autovacuum its time. */
async function replaceAll(client: Client, pass: number): Promise<void> {
  const started = performance.now();
  const text = `UPDATE ${TABLE} SET encrypted_delegated_share = $2, encrypted_wallet_api_key = $3, key_material_id = $4
    WHERE wallet_id = $1 AND chain = 'EVM' AND superseded_at IS NULL`;
  for (let n = 1; n <= RECORDS; n += 1) {
    await client.query({ name: 'update', text, values: [n, ...messages(), String(pass).repeat(64)] });
    const ahead = (n * 1_000) / A_SECOND - (performance.now() - started);
    if (ahead > 10) await sleep(ahead);
  }
}

async function print(client: Client, what: string): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(SIZES);
  const sizes = Object.entries(rows[0] ?? {}).map(([name, bytes]) => `${name} ${(Number(bytes) / 2 ** 20).toFixed(1)}`);
  console.log(what.padEnd(10), sizes.join('  '));
}

void main();
