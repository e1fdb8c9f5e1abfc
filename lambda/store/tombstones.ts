import { LIMITS } from '../contract/limits';
import type { TombstonePrefix } from '../contract/tombstone-object';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../contract/tombstone-prefix';
import type { FinishReplayResponse, Tombstone, TombstonesResponse } from '../contract/tombstones';
import { DatabaseError } from 'pg';
import type { WalletKey } from '../contract/wallet';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { count, only, optionalText, optionalTime, text, time } from './rows';
import type { Row, Session } from './session';
import type { Caller } from './store';

const LIST = 'SELECT * FROM vault_api.list_tombstones($1,$2,$3::timestamptz,$4::integer)';
/** No transaction of a function lasts a minute: what is committed later than that is in the list. */
const COMPLETE = "SELECT clock_timestamp() - interval '1 minute' AS until";
const APPLY = 'SELECT * FROM vault_api.apply_tombstone($1,$2,$3::bigint,$4::timestamptz,$5,$6,$7)';
const FINISH = 'SELECT * FROM vault_api.finish_replay($1::timestamptz,$2::timestamptz,$3,$4)';

const OF_PREFIX = {
  [TOMBSTONES_PREFIX]: {
    pending: 'SELECT * FROM vault_api.pending_tombstones($1::integer)',
    keep: 'SELECT vault_api.keep_tombstones($1,$2,$3::timestamptz[])',
  },
  [DELEGATED_TOMBSTONES_PREFIX]: {
    pending: 'SELECT *, NULL AS server_key_shares_revoked_at FROM vault_api.pending_delegated_tombstones($1::integer)',
    keep: 'SELECT vault_api.keep_delegated_tombstones($1,$2,$3::timestamptz[])',
  },
} as const;
const COUNT_PENDING = 'SELECT vault_api.count_pending_tombstones() AS pending';

/** Tombstones of a wallet that the bucket doesn't have. */
export interface PendingTombstone extends Tombstone {
  /** the database's time of their last change, with microseconds */
  readonly notedAt: string;
}

/** What became of a tombstone. */
export interface AppliedTombstone {
  /** whether the wallet had neither it nor a later one */
  readonly isApplied: boolean;
  readonly destroyed: number;
}

/** The tombstones that a bucket outside the database doesn't have. Throws as the record store. */
export class PendingTombstones {
  /** @param prefix of their objects: that of delegated shares' leaves out all others */
  constructor(
    private readonly session: Pick<Session, 'query'>,
    readonly prefix: TombstonePrefix,
  ) {}

  /** Returns some of them, the newest first. */
  async list(most: number, deadline: Deadline): Promise<readonly PendingTombstone[]> {
    const rows = await this.session.query(OF_PREFIX[this.prefix].pending, [most], deadline);
    return rows.map((row) => ({ ...tombstoneOf(row), notedAt: text(row, 'noted_at') }));
  }

  /** Notes that the bucket has these. Those that changed since they were listed stay pending. */
  async keep(tombstones: readonly PendingTombstone[], deadline: Deadline): Promise<void> {
    const columns = (['walletId', 'chain', 'notedAt'] as const).map((column) => tombstones.map((each) => each[column]));
    await this.session.query(OF_PREFIX[this.prefix].keep, columns, deadline);
  }

  /** Returns how many there are; 1,000 for more. */
  async count(deadline: Deadline): Promise<number> {
    return count(only(await this.session.query(COUNT_PENDING, [], deadline)), 'pending');
  }
}

/** A span of time: all its tombstones were replayed. */
export interface Replayed {
  /** @default - the first of all */
  readonly since?: string | undefined;
  readonly until: string;
}

/** Tombstones of wallets in PostgreSQL. Throws as the record store. */
export class PostgresTombstones {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  /** Returns tombstones by wallet and chain, after one, those that changed since a time: a page of them. */
  async list(after: WalletKey | undefined, since: string | undefined, deadline: Deadline): Promise<TombstonesResponse> {
    // before the rows are read
    const listedAt = time(only(await this.session.query(COMPLETE, [], deadline)), 'until').toISOString();
    const rows = await this.session.query(LIST, [after?.walletId, after?.chain, since, LIMITS.pageRows], deadline);
    const tombstones = rows.map(tombstoneOf);
    const last = tombstones.length < LIMITS.pageRows ? undefined : tombstones.at(-1);
    return { tombstones, listedAt, ...(last && { next: { walletId: last.walletId, chain: last.chain } }) };
  }

  /**
   * Destroys what the tombstone is newer than. In any order, and any number of times. Throws `Conflict` for one that the
   * database can't have made, such as one of the future.
   */
  async apply(tombstone: Tombstone, reason: string, caller: Caller, deadline: Deadline): Promise<AppliedTombstone> {
    const { walletId, chain, revokedUntilNs, serverKeySharesRevokedAt } = tombstone;
    const wallet = [walletId, chain, revokedUntilNs, serverKeySharesRevokedAt];
    const values = [...wallet, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(APPLY, values, deadline).catch(refuse));
    const outcome = text(row, 'outcome');
    if (outcome !== 'applied' && outcome !== 'known') {
      throw new VaultError('InternalError', 'expected an outcome from the database, got another text');
    }
    return { isApplied: outcome === 'applied', destroyed: count(row, 'destroyed') };
  }

  /**
   * States that all tombstones of a time were replayed. Throws `Conflict` if that begins after the end of the former replay,
   * or after the newest row of the restored access logs.
   */
  async finish({ since, until }: Replayed, caller: Caller, deadline: Deadline): Promise<FinishReplayResponse> {
    const row = only(await this.session.query(FINISH, [since, until, caller.actor, caller.requestId], deadline));
    const [from, to] = [optionalTime(row, 'missing_since'), optionalTime(row, 'missing_until')];
    return {
      freezes: count(row, 'freezes'),
      ...(from && to && { missing: { since: from.toISOString(), until: to.toISOString() } }),
    };
  }
}

/** A text or a time that the database has no room for, or that its rules refuse. */
const REFUSED = /^(22...|23514)$/;

function refuse(error: unknown): never {
  const { cause } = error instanceof VaultError ? error : {};
  if (!(cause instanceof DatabaseError) || !REFUSED.test(cause.code ?? '')) throw error;
  throw new VaultError('Conflict', 'expected a tombstone that a database of the vault made, got another', { cause });
}

function tombstoneOf(row: Row): TombstonesResponse['tombstones'][number] {
  const revokedUntilNs = optionalText(row, 'revoked_until_ns');
  const serverKeySharesRevokedAt = optionalTime(row, 'server_key_shares_revoked_at')?.toISOString();
  return {
    walletId: text(row, 'wallet_id'),
    chain: text(row, 'chain'),
    ...(revokedUntilNs !== undefined && { revokedUntilNs }),
    ...(serverKeySharesRevokedAt !== undefined && { serverKeySharesRevokedAt }),
  };
}
