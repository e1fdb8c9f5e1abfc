import { createHash } from 'node:crypto';
import { FIELDS, type Kind } from '../contract/kinds';
import type { ResealFailure } from '../contract/reseals';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { bytes, count, flag, objects, only, optionalHex, optionalText, optionalTime, text, time } from './rows';
import type { Row, Session } from './session';
import type { SealedMaterials, WalletKey } from './store';
import type { AuditCensusResponse } from '../contract/responses';
import { type HeadsPage, readHeads } from './chain-heads';
import { censusGroupOf, kindOf } from './records';

/** The key and the material that a run reseals to. */
export interface ResealTarget {
  /** ARN of the share key */
  readonly keyId: string;
  /** 64 hexadecimal digits; '' for a key whose material has no id */
  readonly keyMaterialId: string;
}

/** A record that is to be resealed, live or superseded, with what its encryption context is made of. */
export interface StaleRecord extends WalletKey {
  readonly kind: Kind;
  readonly recordId: string;
  /** of the key that it is sealed under, as the row has it */
  readonly keyId: string;
  /** '' if it is unknown */
  readonly keyMaterialId: string;
  readonly userId: string | undefined;
  readonly publicKey: string | undefined;
  readonly shareSetId: string | undefined;
  readonly propertiesSha256: Uint8Array | undefined;
  readonly sealed: SealedMaterials;
}

/** What became of a record: new messages, or the code of the reason that there are none. */
export type Resealed =
  | ({ readonly record: StaleRecord; readonly sealed: SealedMaterials } & ResealTarget)
  | { readonly record: StaleRecord; readonly code: ResealFailure };

/** `changed`: it was replaced, revoked or resealed since it was read, the run has another key by now, or its wallet is in use. */
export type ResealOutcome = 'resealed' | 'changed' | 'failed';

/** What is left of a run that could claim nothing; `frozen`: only records of a kind that may not be opened. */
export type ResealsLeft = 'none' | 'claimed' | 'frozen';

/** A run, as far as it came. */
export interface ResealRun extends ResealTarget {
  /** name of the state machine's execution */
  readonly run: string;
  readonly startedAt: string;
  readonly lastStepAt: string;
  readonly endedAt?: string;
  readonly resealed: number;
  readonly changed: number;
  readonly failed: number;
}

/** A run's receipt, as it is stored. */
export interface StoredReceipt {
  /** canonical JSON */
  readonly receipt: string;
  readonly sha256: Buffer;
}

/** Which records a sample may have. */
export interface SampleQuery {
  /** the keys that may be opened with */
  readonly keyIds: readonly string[];
  /** ids of records that are not returned again: at most 2000 */
  readonly seen: readonly string[];
  /** whether a frozen kind that has records is an error */
  readonly allKinds: boolean;
  /** 1 to 50 */
  readonly limit: number;
}

const START = 'SELECT vault_api.start_reseal($1,$2,$3)';
const PASS_OVER = 'SELECT vault_api.pass_over_key($1,$2)';
const CLAIM = 'CALL vault_api.reseal_records($1,$2::text[],$3::integer,$4,NULL)';
const LEFT = 'SELECT vault_api.reseals_left($1,$2::text[]) AS left';
const FINISH = 'CALL vault_api.finish_reseals($1,$2::json,NULL)';
const SAMPLE = 'CALL vault_api.sample_reseals($1::text[],$2::uuid[],$3::boolean,$4::integer,$5,NULL)';
const NOTE_FAILURE = 'SELECT vault_api.note_reseal_failure($1,$2::uuid,$3)';
const END = 'SELECT * FROM vault_api.end_reseal($1,$2::text[])';
const LIST = 'SELECT * FROM vault_api.list_reseals()';
const FAILURES = 'SELECT EXISTS (SELECT FROM vault_api.list_reseal_failures($1,NULL)) AS listed';
const WRITE_RECEIPT = 'SELECT * FROM vault_api.write_reseal_receipt($1,$2)';
const RECEIPT = 'SELECT * FROM vault_api.reseal_receipts($1)';
const CENSUS = 'SELECT * FROM vault_api.census()';

/**
 * Resealing in PostgreSQL. Throws as the record store; `Conflict` for a run that ended, `Frozen` while nothing may be
 * opened. `keyIds` are the keys that may be opened with: records under others are never claimed.
 */
export class PostgresReseals {
  /** @param long - for what reads every record's row in an index @default - the session */
  constructor(
    private readonly session: Pick<Session, 'query'>,
    private readonly long: Pick<Session, 'query'> = session,
  ) {}

  /** Starts a run, or goes on with it under the present key and material. */
  async start(run: string, { keyId, keyMaterialId }: ResealTarget, deadline: Deadline): Promise<void> {
    await this.session.query(START, [run, keyId, keyMaterialId], deadline);
  }

  /** Claims up to `limit` stale records, 1 to 100: none if nothing is left, or all that is left is claimed. */
  async claim(
    run: string,
    keyIds: readonly string[],
    limit: number,
    requestId: string,
    deadline: Deadline,
  ): Promise<readonly StaleRecord[]> {
    return recordsOf(await this.session.query(CLAIM, [run, keyIds, limit, requestId], deadline));
  }

  /** Lets a run go on without a former key that does not open. `end` counts its records. */
  async passOver(run: string, keyId: string, deadline: Deadline): Promise<void> {
    await this.session.query(PASS_OVER, [run, keyId], deadline);
  }

  /** Says why there was nothing to claim. */
  async left(run: string, keyIds: readonly string[], deadline: Deadline): Promise<ResealsLeft> {
    const left = text(only(await this.session.query(LEFT, [run, keyIds], deadline)), 'left');
    if (left === 'none' || left === 'claimed' || left === 'frozen') return left;
    throw new VaultError('InternalError', 'expected none, claimed or frozen from the database, got another text');
  }

  /** Replaces each record's messages if they are still those that were claimed. One outcome for each. */
  async finish(run: string, resealed: readonly Resealed[], deadline: Deadline): Promise<readonly ResealOutcome[]> {
    const items = JSON.stringify(resealed.map(itemOf));
    const { outcomes } = only(await this.session.query(FINISH, [run, items], deadline));
    if (Array.isArray(outcomes) && outcomes.length === resealed.length) return outcomes.map(outcomeOf);
    throw new VaultError('InternalError', `expected ${resealed.length} outcomes from the database, got others`);
  }

  /**
   * Returns up to `limit` records, 1 to 50, by random ids: openings as every other. Without those whose wallets others hold;
   * and without frozen kinds, unless `allKinds`: throws `Frozen` for these.
   */
  async sample(
    { keyIds, seen, allKinds, limit }: SampleQuery,
    requestId: string,
    deadline: Deadline,
  ): Promise<readonly StaleRecord[]> {
    return recordsOf(await this.session.query(SAMPLE, [keyIds, seen, allKinds, limit, requestId], deadline));
  }

  /** Lists a record of the sample that did not open as its row says. */
  async noteFailure(run: string, recordId: string, code: ResealFailure, deadline: Deadline): Promise<void> {
    await this.session.query(NOTE_FAILURE, [run, recordId, code], deadline);
  }

  /** Whether a run listed a record that it could not reseal, or that is not as its row says. */
  async hasFailures(run: string, deadline: Deadline): Promise<boolean> {
    return flag(only(await this.session.query(FAILURES, [run], deadline)), 'listed');
  }

  /** Ends a run, and returns its numbers. A run that ended has the same ones. */
  async end(run: string, keyIds: readonly string[], deadline: Deadline): Promise<ResealRun> {
    return runOf(only(await this.long.query(END, [run, keyIds], deadline)));
  }

  /** The last 50, newest first. */
  async list(deadline: Deadline): Promise<readonly ResealRun[]> {
    return (await this.session.query(LIST, [], deadline)).map(runOf);
  }

  async census(deadline: Deadline): Promise<AuditCensusResponse['groups']> {
    return (await this.long.query(CENSUS, [], deadline)).map(censusGroupOf);
  }

  /** Writes the receipt of a run that ended. Returns the stored one: that of the first time. */
  async writeReceipt(run: string, receipt: string, deadline: Deadline): Promise<StoredReceipt> {
    return receiptOf(only(await this.session.query(WRITE_RECEIPT, [run, receipt], deadline)));
  }

  async receipt(run: string, deadline: Deadline): Promise<StoredReceipt | undefined> {
    const [row] = await this.session.query(RECEIPT, [run], deadline);
    return row && receiptOf(row);
  }

  heads(at: Date, after: WalletKey | undefined, deadline: Deadline): Promise<HeadsPage> {
    return readHeads(this.session, { at, after }, deadline);
  }
}

const recordsOf = (rows: readonly Row[]): readonly StaleRecord[] => objects(only(rows), 'records').map(staleRecordOf);

const receiptOf = (row: Row): StoredReceipt => ({ receipt: text(row, 'receipt'), sha256: bytes(row, 'sha256') });

function staleRecordOf(row: Row): StaleRecord {
  const sealed = Object.entries(FIELDS).map(([name, column]) => [name, optionalHex(row, column)] as const);
  return {
    kind: kindOf(text(row, 'kind')),
    recordId: text(row, 'record_id'),
    walletId: text(row, 'wallet_id'),
    chain: text(row, 'chain'),
    keyId: text(row, 'key_id'),
    keyMaterialId: text(row, 'key_material_id'),
    userId: optionalText(row, 'user_id'),
    publicKey: optionalText(row, 'public_key'),
    shareSetId: optionalText(row, 'share_set_id'),
    propertiesSha256: optionalHex(row, 'properties_sha256'),
    sealed: Object.fromEntries(sealed.filter(([, message]) => message !== undefined)),
  };
}

/** Returns an item of `vault_api.finish_reseals`; bytes in hex. */
function itemOf({ record, ...result }: Resealed): Readonly<Record<string, unknown>> {
  const { kind, recordId } = record;
  if ('code' in result) return { kind, record_id: recordId, code: result.code };
  const key = { key_id: result.keyId, key_material_id: result.keyMaterialId };
  const messages = Object.entries(FIELDS).flatMap(
    ([name, column]): readonly (readonly [string, string | undefined])[] => [
      [column, hexOf(materialIn(result.sealed, name))],
      [`${column}_was`, sha256Of(materialIn(record.sealed, name))],
    ],
  );
  return { kind, record_id: recordId, ...key, ...Object.fromEntries(messages) };
}

function materialIn(sealed: Readonly<Record<string, Uint8Array | undefined>>, name: string): Uint8Array | undefined {
  return sealed[name];
}

const hexOf = (message: Uint8Array | undefined): string | undefined => message && Buffer.from(message).toString('hex');
const sha256Of = (message: Uint8Array | undefined): string | undefined =>
  message && createHash('sha256').update(message).digest('hex');

function outcomeOf(value: unknown): ResealOutcome {
  if (value === 'resealed' || value === 'changed' || value === 'failed') return value;
  throw new VaultError('InternalError', 'expected an outcome from the database, got another text');
}

function runOf(row: Row): ResealRun {
  const endedAt = optionalTime(row, 'ended_at')?.toISOString();
  return {
    run: text(row, 'run'),
    keyId: text(row, 'key_id'),
    keyMaterialId: text(row, 'key_material_id'),
    startedAt: time(row, 'started_at').toISOString(),
    lastStepAt: time(row, 'last_step_at').toISOString(),
    ...(endedAt !== undefined && { endedAt }),
    resealed: count(row, 'resealed'),
    changed: count(row, 'changed'),
    failed: count(row, 'failed'),
  };
}
