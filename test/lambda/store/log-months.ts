import type { Client } from 'pg';
import type { WalletKey } from '../../../lambda/store/store';

/** Midnight of the first day of a month, UTC, so many months from now: negative for former ones. */
export function monthStart(months: number): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months));
}

/** Name of the partition of the access log that has a month, so many months from now. */
export function partitionOf(months: number): string {
  return `share_access_log_${monthStart(months).toISOString().slice(0, 7).replace('-', '_')}`;
}

/** Gives an access log without rows of former months the partitions of so many of them, as if it were that old. */
export async function makePastMonths(superuser: Client, months: number): Promise<void> {
  const attach = (of: number, from: string) =>
    superuser.query(`ALTER TABLE vault.share_access_log ATTACH PARTITION vault.${partitionOf(of)}
      FOR VALUES FROM (${from}) TO ('${monthStart(of + 1).toISOString()}')`);
  await superuser.query('BEGIN; SET LOCAL ROLE vault_owner');
  await superuser.query(`ALTER TABLE vault.share_access_log DETACH PARTITION vault.${partitionOf(0)}`);
  for (let of = -months; of <= 0; of += 1) {
    if (of < 0) {
      await superuser.query('SELECT vault.make_log_table($1)', [partitionOf(of)]);
      await superuser.query(
        `ALTER TABLE vault.${partitionOf(of)} ADD CONSTRAINT ends CHECK (at < '${monthStart(of + 1).toISOString()}')`,
      );
    }
    await attach(of, of === -months ? 'MINVALUE' : `'${monthStart(of).toISOString()}'`);
  }
  await superuser.query('COMMIT');
}

/** Appends a row to a wallet's log as `vault.append_log` does, at another time. The wallet is created if it is new. */
export async function appendAt(superuser: Client, { walletId, chain }: WalletKey, at: Date, action = 'unseal') {
  await superuser.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    walletId,
    chain,
  ]);
  await superuser.query(
    `WITH appended AS (
      INSERT INTO vault.share_access_log (wallet_id, chain, sequence, at, action, outcome, actor, request_id, previous_hash, hash)
        SELECT w.wallet_id, w.chain, w.log_length + 1, $3::timestamptz, $4::text, 'granted', 'signer', 'request', w.log_head,
            vault.log_hash(w.wallet_id, w.chain, w.log_length + 1, $3, $4, 'granted', 'signer', 'request', NULL, NULL, w.log_head)
          FROM vault.wallets AS w WHERE w.wallet_id = $1 AND w.chain = $2
        RETURNING sequence, hash
    )
    UPDATE vault.wallets AS w SET log_length = a.sequence, log_head = a.hash FROM appended AS a
      WHERE w.wallet_id = $1 AND w.chain = $2`,
    [walletId, chain, at, action],
  );
}

/** Keeps what remains of a partition, in pages of a few rows. */
export async function keepBases(superuser: Client, name: string, page = 2): Promise<void> {
  for (let done = false; !done;) {
    const { rows } = await superuser.query<{ done: boolean }>('SELECT vault.keep_log_bases($1, $2) AS done', [
      name,
      page,
    ]);
    done = rows[0]?.done ?? true;
  }
}

/** Drops the oldest partition as an archive of it does: with the rows, and the bits of their hashes, that it has. */
export async function archiveOldest(superuser: Client): Promise<string> {
  const { rows } = await superuser.query<{ name: string }>(
    "SELECT name FROM vault_api.log_partitions() WHERE state = 'attached' ORDER BY ends LIMIT 1",
  );
  const name = rows[0]?.name ?? '';
  const { rows: facts } = await superuser.query<{ rows: string; bits: Buffer }>(
    `SELECT count(*) AS rows, int8send(coalesce(bit_xor(vault.log_row_bits(hash)), 0)) AS bits FROM vault.${name}`,
  );
  await keepBases(superuser, name);
  await superuser.query("SELECT vault.finish_log_partition($1, 'manifest', sha256('manifest'), $2, $3)", [
    name,
    facts[0]?.rows,
    facts[0]?.bits,
  ]);
  return name;
}
