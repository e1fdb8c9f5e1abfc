import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { deadlineIn } from '../lambda/invocation/deadline';
import { connect } from '../lambda/store/connection';
import { migrate } from '../lambda/store/migrate';
import { MIGRATIONS } from '../lambda/store/migrations';
import { type LocalPostgres, startPostgres } from '../local/emulator/postgres';
import { VAULT_DATABASE } from '../local/vault/options';
import type { Bench, Settings } from './harness/bench';
import { percentile, ratio, takeTurns } from './harness/measure';
import type { Row, Table } from './harness/table';

/** All migrations up to the ones that bring partitions. */
const FORMER = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name.startsWith('0041')),
);
const ROWS_A_WALLET = 10;
const SESSIONS = 2;
const BATCH = 100;
const FIRST = "(SELECT name FROM vault_api.log_partitions() WHERE state = 'attached' ORDER BY ends LIMIT 1)";

/**
 * The access log's partitions: how long appends of other sessions wait while a database with rows gets them, while its oldest
 * partition is dropped, and what an append costs. `node --import tsx bench/log-partitions.ts [--quick]` runs it by itself.
 */
export const logPartitionsBench: Bench = { name: 'log-partitions', run };

async function run({ quick, progress }: Settings): Promise<readonly Table[]> {
  const rows = quick ? 100_000 : 1_000_000;
  const [upgraded, former] = [await LogDatabase.start(), await LogDatabase.start()];
  try {
    await former.migrate(FORMER);
    await upgraded.migrate(FORMER);
    progress(`${rows} rows`);
    await upgraded.fill(rows);
    const bytes = await upgraded.bytes(rows);
    progress('migration');
    const waits = [await upgraded.whileAppending('migration', () => upgraded.migrate(MIGRATIONS))];
    progress('archive');
    await upgraded.age();
    waits.push(await upgraded.whileAppending('archive and drop', () => upgraded.archive()));
    progress('appends');
    const ways = { partitioned: () => upgraded.appendBatch(), single: () => former.appendBatch() };
    const times = await takeTurns(ways, { warmUp: 5, rounds: quick ? 20 : 100 });
    return [
      {
        title: `access log of ${rows} rows: bytes a row`,
        columns: ['heap', 'index'],
        rows: [{ label: 'row', cells: bytes }],
      },
      { title: `access log of ${rows} rows: appends of ${SESSIONS} sessions, ms`, columns: WAITS, rows: waits },
      {
        title: `append to the access log, ms of ${BATCH}`,
        columns: ['partitioned', 'single'],
        rows: [
          {
            label: 'append',
            cells: [percentile(times.partitioned, 50), percentile(times.single, 50)],
            ratios: [
              ratio({ id: 'log/append/partitioned', heading: 'partitioned / single' }, times.partitioned, times.single),
            ],
          },
        ],
      },
    ];
  } finally {
    for (const database of [upgraded, former]) await database.stop();
  }
}

const WAITS = ['duration', 'appends', 'p50', 'p99', 'longest'];

class LogDatabase {
  readonly #clients: Client[] = [];
  #wallet = 0;

  private constructor(
    private readonly server: LocalPostgres,
    private readonly folder: string,
  ) {}

  static async start(): Promise<LogDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
    return new LogDatabase(await startPostgres({ dataDir: folder, names: VAULT_DATABASE }), folder);
  }

  async #login({ user, password }: { readonly user: string; readonly password: string }): Promise<Client> {
    const { host, port, database, caFile } = this.server;
    const place = { host, port, database, caFile, user, password: () => Promise.resolve(password) };
    const client = await connect(place, deadlineIn(30_000));
    this.#clients.push(client);
    return client;
  }

  #superuser(): Promise<Client> {
    return this.#login(this.server.superuser);
  }

  async migrate(migrations: typeof MIGRATIONS): Promise<void> {
    await migrate(await this.#login(this.server.master), { migrations, deadline: deadlineIn(600_000) });
  }

  async fill(rows: number): Promise<void> {
    const superuser = await this.#superuser();
    await superuser.query(
      `INSERT INTO vault.wallets (wallet_id, chain, log_length, log_head)
        SELECT gen_random_uuid(), 'EVM', $1, sha256('head') FROM generate_series(1, $2)`,
      [ROWS_A_WALLET, rows / ROWS_A_WALLET],
    );
    await superuser.query(
      `INSERT INTO vault.share_access_log
        SELECT w.wallet_id, w.chain, n, clock_timestamp() - interval '40 days', 'unseal', 'granted', 'signer', gen_random_uuid(), gen_random_uuid(),
            'payment 1234567', sha256(int4send(n)), sha256(int4send(n + 1))
          FROM generate_series(1, $1) AS n, vault.wallets AS w`,
      [ROWS_A_WALLET],
    );
    await superuser.query('VACUUM ANALYZE vault.share_access_log');
    await superuser.query('CHECKPOINT');
  }

  /** Returns bytes a row: heap and index. */
  async bytes(rows: number): Promise<readonly number[]> {
    const { rows: sizes } = await (
      await this.#superuser()
    ).query<{ heap: string; index: string }>(
      `SELECT pg_relation_size('vault.share_access_log') AS heap, pg_indexes_size('vault.share_access_log') AS index`,
    );
    return [Number(sizes[0]?.heap) / rows, Number(sizes[0]?.index) / rows];
  }

  /** Appends in other sessions while work goes on; returns the times of these appends. */
  async whileAppending(label: string, work: () => Promise<void>): Promise<Row> {
    const state = { done: false };
    const appending = Array.from({ length: SESSIONS }, async () => this.#appendUntil(state, await this.#superuser()));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const started = performance.now();
    await work().finally(() => (state.done = true));
    const duration = performance.now() - started;
    const times = (await Promise.all(appending)).flat();
    const longest = times.reduce((most, time) => Math.max(most, time), 0);
    return { label, cells: [duration, times.length, percentile(times, 50), percentile(times, 99), longest] };
  }

  async #appendUntil(state: { readonly done: boolean }, client: Client): Promise<number[]> {
    const times: number[] = [];
    const wallet = this.#newWallet();
    while (!state.done) times.push(await append(client, wallet));
    return times;
  }

  #newWallet(): string {
    this.#wallet += 1;
    return `appended-${this.#wallet}`;
  }

  /** Ends the partition of the former rows with the last month, as if the migration had been then. */
  async age(): Promise<void> {
    const client = await this.#superuser();
    const { rows } = await client.query<{ name: string; ends: Date }>(
      'SELECT name, ends FROM vault.attached_log_partitions() WHERE starts IS NULL AND ends IS NOT NULL',
    );
    const [{ name, ends } = { name: '', ends: new Date() }] = rows;
    await client.query(`SET ROLE vault_owner; SET TimeZone = 'UTC'; ALTER TABLE vault.${name} DISABLE TRIGGER append_only;
      DELETE FROM vault.${name} WHERE at >= date_trunc('month', now());
      ALTER TABLE vault.${name} ENABLE ALWAYS TRIGGER append_only; UPDATE vault.wallets SET log_length = 0 WHERE log_length > 10;
      ALTER TABLE vault.share_access_log DETACH PARTITION vault.${name}; ALTER TABLE vault.${name} RENAME TO former;
      SELECT vault.make_log_table('this_month');
      SELECT vault.attach_log_partition('this_month', date_trunc('month', now()), '${ends.toISOString()}');
      SELECT vault.attach_log_partition('former', NULL, date_trunc('month', now())); RESET ROLE`);
  }

  /** Drops the oldest partition, whatever its time is. */
  async archive(): Promise<void> {
    const client = await this.#superuser();
    await client.query(`CREATE OR REPLACE FUNCTION vault.log_kept_from() RETURNS timestamptz
      LANGUAGE sql STABLE AS $$ SELECT 'infinity'::timestamptz $$`);
    const { rows } = await client.query<{ name: string }>(`SELECT ${FIRST} AS name`);
    const name = rows[0]?.name ?? '';
    const { rows: facts } = await client.query<{ rows: string; bits: Buffer }>(
      `SELECT count(*) AS rows, int8send(bit_xor(vault.log_row_bits(hash))) AS bits FROM vault.${name}`,
    );
    for (let done = false; !done;) {
      const { rows: kept } = await client.query<{ done: boolean }>('SELECT vault.keep_log_bases($1, 50000) AS done', [
        name,
      ]);
      done = kept[0]?.done === true;
    }
    await client.query("SELECT vault.finish_log_partition($1, 'manifest', sha256('m'), $2, $3)", [
      name,
      facts[0]?.rows,
      facts[0]?.bits,
    ]);
  }

  async appendBatch(): Promise<number> {
    const client = this.#clients.at(0) ?? (await this.#superuser());
    const started = performance.now();
    for (let turn = 0; turn < BATCH; turn += 1) await append(client, 'batch');
    return performance.now() - started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Locks the wallet's row and appends, as a handler's function does. Returns milliseconds. */
async function append(client: Client, wallet: string): Promise<number> {
  const started = performance.now();
  await client.query(`DO $$ BEGIN PERFORM vault.lock_wallet('${wallet}', 'EVM');
    PERFORM vault.append_log('${wallet}', 'EVM', 'unseal', 'granted', 'signer', 'request', NULL, 'payment'); END $$`);
  return performance.now() - started;
}

if (require.main === module) {
  const settings = { quick: process.argv.includes('--quick'), progress: (text: string) => console.error(text) };
  void run(settings).then((tables) => console.log(JSON.stringify(tables, null, 2)));
}
