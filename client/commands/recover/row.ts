import * as v from 'valibot';
import { FIELDS, KINDS, type Kind, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { LIMITS } from '../../../lambda/contract/limits';
import { SHA256_PATTERN, UUID_PATTERN } from '../../../lambda/contract/patterns';
import { nanoseconds } from '../../../lambda/contract/tombstones';
import type { Ownership, WalletKey } from '../../../lambda/contract/wallet';
import { UsageError } from '../command';

/** A record as its row in the database states it. Nothing of it is verified yet. */
export interface RecordRow extends WalletKey, Ownership {
  readonly recordId: string;
  readonly kind: Kind;
  /** the columns with the sealed materials, as they are stored */
  readonly sealed: Readonly<Partial<Record<MaterialName, Uint8Array>>>;
  /**
   * of a delegated share, its place among the wallet's events: nanoseconds since 1970. Null for one that is older than every
   * event, undefined if the query didn't read it.
   */
  readonly orderNs?: string | null | undefined;
}

/** The limit of the column's domain: a message, or its head and a reference to its body. */
const MAX_COLUMN_BYTES = 73_728;
/** Two columns in hexadecimal digits, and five texts in which each byte is escaped. */
export const MAX_ROW_BYTES = 2 * 2 * MAX_COLUMN_BYTES + 5 * 6 * 4 * LIMITS.idChars + 1_024;

const text = v.pipe(v.string(), v.maxBytes(4 * LIMITS.idChars));
const sealed = v.pipe(
  v.string(),
  v.maxLength(2 * MAX_COLUMN_BYTES),
  v.regex(/^([0-9a-f]{2})+$/),
  v.transform((hex) => Buffer.from(hex, 'hex')),
);
const COLUMNS = {
  id: v.pipe(v.string(), v.regex(UUID_PATTERN)),
  user_id: v.nullable(text),
  wallet_id: text,
  chain: text,
  public_key: v.nullable(text),
  share_set_id: v.nullable(text),
  properties_sha256: v.nullable(v.pipe(v.string(), v.regex(SHA256_PATTERN))),
};
const ROWS = {
  'delegated-share': v.strictObject({
    ...COLUMNS,
    encrypted_delegated_share: sealed,
    encrypted_wallet_api_key: sealed,
    // rows of the query of a former release have none
    order_ns: v.optional(v.nullable(nanoseconds)),
  }),
  'server-key-shares': v.strictObject({ ...COLUMNS, encrypted_server_key_shares: sealed }),
} as const satisfies Record<Kind, unknown>;

/** Reads a row. Throws `UsageError`, which names a column and quotes no value. */
export function parseRow(json: Buffer): RecordRow {
  const value = parseJson(json);
  const problems: string[] = [];
  for (const kind of KINDS) {
    const { success, output, issues } = v.safeParse(ROWS[kind], value);
    if (!success) {
      problems.push(columnOf(issues[0].path?.[0]?.key));
      continue;
    }
    const columns: Readonly<Record<string, unknown>> = output;
    return {
      recordId: output.id,
      kind,
      walletId: output.wallet_id,
      chain: output.chain,
      userId: output.user_id ?? undefined,
      publicKey: output.public_key ?? undefined,
      shareSetId: output.share_set_id ?? undefined,
      propertiesSha256: output.properties_sha256 === null ? undefined : Buffer.from(output.properties_sha256, 'hex'),
      orderNs: 'order_ns' in output ? output.order_ns : undefined,
      sealed: Object.fromEntries(MATERIALS[kind].map((name) => [name, columns[`encrypted_${FIELDS[name]}`]])),
    };
  }
  throw refusal(problems[0] === problems[1] ? (problems[0] ?? '') : '');
}

function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    throw refusal('');
  }
}

/** A column's name can be shown; an unknown member's can't. */
function columnOf(key: unknown): string {
  return typeof key === 'string' && Object.hasOwn(COLUMNS, key) ? ` in ${key}` : '';
}

function refusal(where: string): UsageError {
  return new UsageError(
    `--record: expected a row as the query of docs/keys/recovery.md prints it, got something else${where}`,
  );
}
