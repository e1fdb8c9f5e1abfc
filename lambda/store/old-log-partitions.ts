import type { ArchivedRow, ArchivedTimes } from '../contract/log-archive';
import { logEntryOf } from './records';
import { flag, only, optionalTime, text, time } from './rows';
import type { Row } from './session';

/** By the database's clock: the rows' times are of it too. */
const LIST_OLD = `
  SELECT p.name, p.starts, p.ends, p.ends <= k.kept_from - interval '2 days' AS overdue
    FROM vault_api.log_partitions() AS p, (SELECT vault.log_kept_from() AS kept_from) AS k
    WHERE p.state = 'attached' AND p.ends <= k.kept_from ORDER BY p.ends`;
const READ = 'SELECT * FROM vault.read_log_partition($1,$2,$3,$4::bigint,$5::integer)';
const KEEP_BASES = 'SELECT vault.keep_log_bases($1,$2::integer) AS done';
const FINISH =
  "SELECT vault.finish_log_partition($1,$2,pg_catalog.decode($3,'hex'),$4::bigint,pg_catalog.decode($5,'hex'))";
const NOTE_RETENTION = 'SELECT vault.note_log_retention($1::integer)';

/** A partition of the access log with rows in the database that are older than the retention. */
export interface LogPartition extends ArchivedTimes {
  readonly name: string;
  /** whether it should have been archived two days ago, as all that a sweep destroys */
  readonly overdue: boolean;
}

/** The archive of a partition, as the database notes it. */
export interface FinishedArchive {
  /** of the manifest */
  readonly key: string;
  /** of the manifest, hex */
  readonly sha256: string;
  readonly rows: number;
  /** exclusive or of the first 8 bytes of the hash of every row, hex */
  readonly bits: string;
}

/** The old partitions of the access log, as an archive needs them. */
export interface LogPartitions {
  /** Returns those that are older than the retention, the oldest first: none without a retention. */
  listOld(): Promise<readonly LogPartition[]>;
  /** Returns a page of the oldest partition's rows behind another one. A wallet's rows are together and ascending. */
  read(name: string, after: ArchivedRow | undefined, most: number): Promise<readonly ArchivedRow[]>;
  /** Keeps the bases of a page of the oldest partition's rows, in a transaction. Returns whether all rows are read. */
  keepBases(name: string, rows: number): Promise<boolean>;
  /** Notes the archive and drops the partition in one transaction. Refused unless all bases are kept, and the partition has the same rows. */
  finish(name: string, archive: FinishedArchive): Promise<void>;
}

/** Runs a statement as the owner, in a transaction of its own. */
export type AskAsOwner = (statement: string, values: readonly unknown[]) => Promise<readonly Row[]>;

export class PostgresLogPartitions implements LogPartitions {
  constructor(private readonly ask: AskAsOwner) {}

  /** @param days - undefined: rows are kept for ever */
  async noteRetention(days: number | undefined): Promise<void> {
    await this.ask(NOTE_RETENTION, [days]);
  }

  async listOld(): Promise<readonly LogPartition[]> {
    const rows = await this.ask(LIST_OLD, []);
    return rows.map((row) => ({
      name: text(row, 'name'),
      from: optionalTime(row, 'starts') ?? null,
      until: time(row, 'ends'),
      overdue: flag(row, 'overdue'),
    }));
  }

  async read(name: string, after: ArchivedRow | undefined, most: number): Promise<readonly ArchivedRow[]> {
    const place = [after?.wallet.walletId, after?.wallet.chain, after?.entry.sequence];
    const rows = await this.ask(READ, [name, ...place, most]);
    return rows.map((row) => ({
      wallet: { walletId: text(row, 'wallet_id'), chain: text(row, 'chain') },
      entry: logEntryOf(row),
    }));
  }

  async keepBases(name: string, rows: number): Promise<boolean> {
    return flag(only(await this.ask(KEEP_BASES, [name, rows])), 'done');
  }

  async finish(name: string, { key, sha256, rows, bits }: FinishedArchive): Promise<void> {
    await this.ask(FINISH, [name, key, sha256, rows, bits]);
  }
}
