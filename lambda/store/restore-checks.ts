import type { Deadline } from '../invocation/deadline';
import { type HeadsPage, readHeads } from './chain-heads';
import { bytes, count, flag, only, optionalBytes, optionalTime, text, time } from './rows';
import type { Row, Session } from './session';
import type { WalletKey } from './store';

/** Facts and the sealed bytes that they are bound to. */
export interface Sealed {
  /** canonical JSON */
  readonly facts: string;
  readonly sealed: Buffer;
}

export interface Canary extends Sealed {
  readonly id: string;
  readonly madeAt: Date;
}

/** The result of a restore test: sealed if it is successful. */
export interface StoredTest {
  readonly restoreJobId: string;
  readonly successful: boolean;
  readonly facts: string;
  readonly sealed: Buffer | undefined;
}

/** Counts of a database. */
export interface Holdings {
  /** the given time, by default a minute ago by the database's clock */
  readonly at: Date;
  /** rows of wallets that were there at that time */
  readonly wallets: number;
  /** live records by kind */
  readonly records: { readonly 'delegated-share': number; readonly 'server-key-shares': number };
  /** wallets whose tombstones changed since that time */
  readonly revoked: number;
  readonly firstCanaryAt: Date | undefined;
}

/** A wallet's log and live records, as digests. */
export interface WalletDigest extends WalletKey {
  readonly logLength: number;
  readonly logHead: string;
  /** the same for the same records, byte for byte */
  readonly records: string;
  /** when a record was resealed last, without a row in the log of that moment */
  readonly resealedAt: Date | undefined;
}

const HOLDINGS = 'SELECT * FROM vault_api.restore_facts($1::timestamptz)';
const KEEP = 'SELECT vault_api.keep_canary($1::uuid,$2::bytea,$3)';
const NEWEST = 'SELECT * FROM vault_api.newest_canary($1::timestamptz)';
const CANARY = 'SELECT * FROM vault_api.canary($1::uuid)';
const DIGESTS = 'SELECT * FROM vault_api.record_digests($1,$2,$3::integer)';
const DIGESTS_OF = 'SELECT * FROM vault_api.record_digests_of($1::text[],$2::text[])';
const WRITE = 'SELECT * FROM vault_api.write_restore_test($1,$2,$3::bytea)';
const TEST = 'SELECT * FROM vault_api.restore_test($1)';

/** Wallets of a page of heads: a restored database reads its pages from a backup first, and has 10 seconds for each. */
const HEADS_PAGE = 1_000;
/** The same of a page of digests: it reads all messages. */
const DIGESTS_PAGE = 250;

/** Restore checks in PostgreSQL, of the vault's own database or of a restored one. Throws as the record store. */
export class PostgresRestoreChecks {
  constructor(private readonly session: Pick<Session, 'query' | 'close'>) {}

  async holdings(at: Date | undefined, deadline: Deadline): Promise<Holdings> {
    const row = only(await this.session.query(HOLDINGS, [at], deadline));
    return {
      at: time(row, 'at'),
      wallets: count(row, 'wallets'),
      records: {
        'delegated-share': count(row, 'delegated_shares'),
        'server-key-shares': count(row, 'server_key_shares'),
      },
      revoked: count(row, 'revoked'),
      firstCanaryAt: optionalTime(row, 'first_canary_at'),
    };
  }

  async keep(id: string, { facts, sealed }: Sealed, deadline: Deadline): Promise<void> {
    await this.session.query(KEEP, [id, sealed, facts], deadline);
  }

  /** Returns the newest canary until a time. */
  async newest(until: Date | undefined, deadline: Deadline): Promise<Canary | undefined> {
    const [row] = await this.session.query(NEWEST, [until], deadline);
    return row && canaryOf(row);
  }

  async canary(id: string, deadline: Deadline): Promise<Canary | undefined> {
    const [row] = await this.session.query(CANARY, [id], deadline);
    return row && canaryOf(row);
  }

  /** Writes the result of a job's test. Returns the stored one: that of the first time. */
  async writeTest(
    restoreJobId: string,
    result: Omit<StoredTest, 'restoreJobId' | 'successful'>,
    deadline: Deadline,
  ): Promise<StoredTest> {
    return testOf(only(await this.session.query(WRITE, [restoreJobId, result.facts, result.sealed], deadline)));
  }

  /** Returns a job's result; without a job, the newest successful one. */
  async test(restoreJobId: string | undefined, deadline: Deadline): Promise<StoredTest | undefined> {
    const [row] = await this.session.query(TEST, [restoreJobId], deadline);
    return row && testOf(row);
  }

  /** Returns a page of digests at a time, from the wallet after another on: none after the last page. */
  async digests(after: WalletKey | undefined, deadline: Deadline): Promise<readonly WalletDigest[]> {
    const values = [after?.walletId, after?.chain, DIGESTS_PAGE];
    return (await this.session.query(DIGESTS, values, deadline)).map(digestOf);
  }

  /** Returns the digests of these wallets, in the same order; an unknown wallet has none. */
  async digestsOf(wallets: readonly WalletKey[], deadline: Deadline): Promise<readonly WalletDigest[]> {
    const values = [wallets.map(({ walletId }) => walletId), wallets.map(({ chain }) => chain)];
    return (await this.session.query(DIGESTS_OF, values, deadline)).map(digestOf);
  }

  heads(at: Date, after: WalletKey | undefined, deadline: Deadline): Promise<HeadsPage> {
    return readHeads(this.session, { at, after, limit: HEADS_PAGE }, deadline);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

const canaryOf = (row: Row): Canary => ({
  id: text(row, 'id'),
  madeAt: time(row, 'made_at'),
  facts: text(row, 'facts'),
  sealed: bytes(row, 'sealed'),
});

const digestOf = (row: Row): WalletDigest => ({
  walletId: text(row, 'wallet_id'),
  chain: text(row, 'chain'),
  logLength: count(row, 'log_length'),
  logHead: text(row, 'log_head'),
  records: text(row, 'records'),
  resealedAt: optionalTime(row, 'resealed_at'),
});

const testOf = (row: Row): StoredTest => ({
  restoreJobId: text(row, 'restore_job_id'),
  successful: flag(row, 'successful'),
  facts: text(row, 'facts'),
  sealed: optionalBytes(row, 'sealed'),
});
