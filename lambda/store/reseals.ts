import { createHash } from 'node:crypto';
import { FIELDS, type Kind } from '../contract/kinds';
import type { ErrorCode } from '../contract/codes';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import { count, objects, only, optionalHex, optionalText, optionalTime, text, time } from './rows';
import type { Row, Session } from './session';
import type { SealedMaterials, WalletKey } from './store';
import { kindOf } from './records';

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
  /** of the key that it is sealed under */
  readonly keyId: string;
  readonly userId: string | undefined;
  readonly publicKey: string | undefined;
  readonly shareSetId: string | undefined;
  readonly propertiesSha256: Uint8Array | undefined;
  readonly sealed: SealedMaterials;
}

/** What became of a record: new messages, or the code of the reason that there are none. */
export type Resealed =
  | { readonly record: StaleRecord; readonly sealed: SealedMaterials; readonly keyMaterialId: string }
  | { readonly record: StaleRecord; readonly code: ErrorCode };

/** `changed`: it was replaced, revoked or resealed since it was read. */
export type ResealOutcome = 'resealed' | 'changed' | 'failed';

/** A run, as far as it came. */
export interface ResealRun extends ResealTarget {
  readonly run: string;
  readonly startedAt: string;
  readonly lastStepAt: string;
  readonly endedAt?: string;
  readonly resealed: number;
  readonly changed: number;
  readonly failed: number;
}

const START = 'SELECT vault_api.start_reseal($1::uuid,$2,$3)';
const CLAIM = 'CALL vault_api.reseal_records($1::uuid,$2::integer,$3,NULL)';
const FINISH = 'CALL vault_api.finish_reseals($1::uuid,$2::json,NULL)';
const END = 'SELECT * FROM vault_api.end_reseal($1::uuid)';
const LIST = 'SELECT * FROM vault_api.list_reseals()';

/**
 * Resealing in PostgreSQL. Throws as the record store; `Conflict` for a run with another target and one that ended,
 * `Frozen` while nothing may be opened.
 */
export class PostgresReseals {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  /** Starts a run, or goes on with it. */
  async start(run: string, { keyId, keyMaterialId }: ResealTarget, deadline: Deadline): Promise<void> {
    await this.session.query(START, [run, keyId, keyMaterialId], deadline);
  }

  /** Claims up to `limit` stale records, 1 to 100: none if nothing is left, or all that is left is claimed. */
  async claim(run: string, limit: number, requestId: string, deadline: Deadline): Promise<readonly StaleRecord[]> {
    const row = only(await this.session.query(CLAIM, [run, limit, requestId], deadline));
    return objects(row, 'records').map(staleRecordOf);
  }

  /** Replaces each record's messages if they are still those that were claimed. One outcome for each. */
  async finish(run: string, resealed: readonly Resealed[], deadline: Deadline): Promise<readonly ResealOutcome[]> {
    const items = JSON.stringify(resealed.map(itemOf));
    const outcomes = only(await this.session.query(FINISH, [run, items], deadline)).outcomes;
    if (Array.isArray(outcomes) && outcomes.length === resealed.length) return outcomes.map(outcomeOf);
    throw new VaultError('InternalError', `expected ${resealed.length} outcomes from the database, got others`);
  }

  async end(run: string, deadline: Deadline): Promise<void> {
    await this.session.query(END, [run], deadline);
  }

  /** The last 50, newest first. */
  async list(deadline: Deadline): Promise<readonly ResealRun[]> {
    return (await this.session.query(LIST, [], deadline)).map(runOf);
  }
}

function staleRecordOf(row: Row): StaleRecord {
  const sealed = Object.entries(FIELDS).map(([name, column]) => [name, optionalHex(row, column)] as const);
  return {
    kind: kindOf(text(row, 'kind')),
    recordId: text(row, 'record_id'),
    walletId: text(row, 'wallet_id'),
    chain: text(row, 'chain'),
    keyId: text(row, 'key_id'),
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
  const messages = Object.entries(FIELDS).flatMap(([name, column]) => [
    [column, hexOf(materialIn(result.sealed, name))],
    [`${column}_was`, sha256Of(materialIn(record.sealed, name))],
  ]);
  return { kind, record_id: recordId, key_material_id: result.keyMaterialId, ...Object.fromEntries(messages) };
}

function materialIn(sealed: SealedMaterials, name: string): Uint8Array | undefined {
  return new Map<string, Uint8Array | undefined>(Object.entries(sealed)).get(name);
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
