import { FIELDS, type Kind, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { objects } from '../../../lambda/store/rows';
import type { Row } from '../../../lambda/store/session';
import type { SealedMaterials } from '../../../lambda/store/store';

/** What an unseal returned: all of its materials, or none. */
export interface Opened {
  readonly outcome: unknown;
  readonly sealed: SealedMaterials;
}

/** A way to unseal one record: a procedure that handlers call, and its parts, for those who call them by hand. */
export interface Route {
  readonly procedure: string;
  readonly kind: Kind;
  readonly beginFunction: string;
  readonly redeemFunction: string;
  /** the table of its tickets */
  readonly tickets: string;
  /** the arguments for a wallet, which are SQL expressions, and for any user: the first NULL */
  readonly argumentsFor: (walletId: string, chain: string) => string;
  /** the types of the procedure's OUT parameters */
  readonly outs: readonly string[];
  /** the record in the row that the procedure or its redeeming function returned */
  readonly openedIn: (rows: readonly Row[]) => Opened;
}

/** The procedure of the releases before server key shares, which stays for a rollback to them. */
export const FORMER: Route = {
  procedure: 'unseal_delegated_share',
  kind: 'delegated-share',
  beginFunction: 'begin_unseal_delegated_share',
  redeemFunction: 'redeem_delegated_share',
  tickets: 'unseal_tickets',
  argumentsFor: (walletId, chain) => `${walletId}, ${chain}, NULL, 'why', 'me', 'request-1'`,
  outs: ['text', 'uuid', 'text', 'text', 'text', 'bytea', 'bytea', 'bytea', 'bigint'],
  openedIn: (rows) => openedOf('delegated-share', rows),
};

const recordsOf = (kind: Kind): Route => ({
  procedure: 'unseal_records',
  kind,
  beginFunction: 'begin_unseal_records',
  redeemFunction: 'redeem_records',
  tickets: 'batch_tickets',
  argumentsFor: (walletId, chain) =>
    `json_build_array(json_build_object('kind', '${kind}', 'wallet_id', ${walletId}, 'chain', ${chain}, 'user_id', NULL)), 'why', 'me', 'request-1'`,
  outs: ['json'],
  openedIn: (rows) =>
    openedOf(
      kind,
      rows.flatMap((row) => objects(row, 'results')),
    ),
});

export const RECORDS = recordsOf('delegated-share');
export const ROUTES: readonly Route[] = [FORMER, RECORDS, recordsOf('server-key-shares')];

function openedOf(kind: Kind, rows: readonly Row[]): Opened {
  const [row = {}] = rows;
  const names: readonly MaterialName[] = MATERIALS[kind];
  const sealed = names.map((name) => [name, bytesOf(row[FIELDS[name]])] as const);
  return { outcome: row.outcome, sealed: Object.fromEntries(sealed.filter(([, bytes]) => bytes !== undefined)) };
}

/** Bytes of a column, or of JSON in hex. */
function bytesOf(value: unknown): Buffer | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'hex') : Buffer.isBuffer(value) ? value : undefined;
}

/** Calls the procedure for the wallet $1 on the chain $2. */
export const callOf = ({ procedure, argumentsFor, outs }: Route): string =>
  `CALL vault_api.${procedure}(${argumentsFor('$1::text', '$2::text')}, ${outs.map(() => 'NULL').join(', ')})`;

/** Begins as `callOf` does, past the first guard: with a procedure of `openWayPastGuard`. */
export const beginPastGuard = ({ procedure, argumentsFor }: Route): string =>
  `CALL by_hand.${procedure}(${argumentsFor('$1::text', '$2::text')}, NULL)`;

/** Redeems the ticket $1. */
export const redeemOf = ({ redeemFunction }: Route): string =>
  redeemFunction === 'redeem_records'
    ? `SELECT vault_api.${redeemFunction}($1) AS results`
    : `SELECT * FROM vault_api.${redeemFunction}($1)`;

/** An expression that begins by hand. */
export const beginOf = ({ beginFunction, argumentsFor }: Route, [walletId, chain]: readonly [string, string]): string =>
  `vault_api.${beginFunction}(${argumentsFor(`'${walletId}'::text`, `'${chain}'::text`)})`;
