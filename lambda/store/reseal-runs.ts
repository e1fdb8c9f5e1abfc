import { LIMITS } from '../contract/limits';
import { VaultError } from '../contract/errors';
import type {
  KeyHistory,
  ResealFailureFact,
  ResealFailuresResponse,
  ResealReceiptFact,
  ResealRunFact,
} from '../contract/reseal-runs';
import type { Deadline } from '../invocation/deadline';
import { kindOf } from './records';
import { bytes, count, flag, objects, optionalTime, text, texts, time } from './rows';
import type { Row, Session } from './session';

const LIST = 'SELECT * FROM vault_api.list_reseals()';
const RECEIPT = 'SELECT * FROM vault_api.read_receipt($1)';
const FORMER_KEYS = 'SELECT * FROM vault_api.former_keys()';
const FAILURES = 'SELECT * FROM vault_api.list_reseal_failures($1,$2::uuid)';

/** Reads what reseals did. */
export class PostgresResealRuns {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  /** The last 50, newest first. */
  async list(deadline: Deadline): Promise<readonly ResealRunFact[]> {
    return (await this.session.query(LIST, [], deadline)).map(runOf);
  }

  /** The keys that the vault lists or had, and since when no record is under them. */
  async formerKeys(deadline: Deadline): Promise<readonly KeyHistory[]> {
    return (await this.session.query(FORMER_KEYS, [], deadline)).map((row) => {
      const sealedUntil = optionalTime(row, 'sealed_until')?.toISOString();
      const freeSince = optionalTime(row, 'free_since')?.toISOString();
      const known = { keyId: text(row, 'key_id'), wasShareKey: flag(row, 'was_share_key') };
      return {
        ...known,
        ...(sealedUntil !== undefined && { sealedUntil }),
        ...(freeSince !== undefined && { freeSince }),
      };
    });
  }

  /** Records that a run could not reseal, in the order of their ids: a page of them after one. */
  async failures(run: string, after: string | undefined, deadline: Deadline): Promise<ResealFailuresResponse> {
    const failures = (await this.session.query(FAILURES, [run, after], deadline)).map(failureOf);
    const next = failures.length < LIMITS.pageRows ? undefined : failures.at(-1)?.recordId;
    return { failures, ...(next !== undefined && { next }) };
  }

  /** Throws `NotFound` for a run without a receipt. */
  async receipt(run: string, deadline: Deadline): Promise<ResealReceiptFact> {
    const [row] = await this.session.query(RECEIPT, [run], deadline);
    if (row === undefined) throw new VaultError('NotFound', 'expected a run with a receipt, got another');
    const keptAt = optionalTime(row, 'kept_at')?.toISOString();
    return {
      run,
      writtenAt: time(row, 'written_at').toISOString(),
      endedAt: time(row, 'ended_at').toISOString(),
      receipt: text(row, 'receipt'),
      sha256: bytes(row, 'sha256').toString('hex'),
      ...(keptAt !== undefined && { keptAt }),
    };
  }
}

function runOf(row: Row): ResealRunFact {
  const keyMaterialId = text(row, 'key_material_id');
  const endedAt = optionalTime(row, 'ended_at')?.toISOString();
  const receiptAt = optionalTime(row, 'receipt_at')?.toISOString();
  return {
    run: text(row, 'run'),
    keyId: text(row, 'key_id'),
    ...(keyMaterialId !== '' && { keyMaterialId }),
    startedAt: time(row, 'started_at').toISOString(),
    lastStepAt: time(row, 'last_step_at').toISOString(),
    ...(endedAt !== undefined && { endedAt }),
    resealed: count(row, 'resealed'),
    changed: count(row, 'changed'),
    failed: count(row, 'failed'),
    ...(receiptAt !== undefined && receiptOf(row, receiptAt)),
  };
}

function receiptOf(row: Row, receiptAt: string): Pick<ResealRunFact, 'receiptAt' | 'recordKeyIds' | 'sample'> {
  const [sample] = objects(row, 'samples').map((each) => ({
    opened: count(each, 'opened'),
    mismatched: count(each, 'mismatched'),
    failed: count(each, 'failed'),
    ...('uncompared' in each && { uncompared: count(each, 'uncompared') }),
  }));
  return { receiptAt, recordKeyIds: [...texts(row, 'record_key_ids')], ...(sample && { sample }) };
}

function failureOf(row: Row): ResealFailureFact {
  return {
    recordId: text(row, 'record_id'),
    kind: kindOf(text(row, 'kind')),
    walletId: text(row, 'wallet_id'),
    chain: text(row, 'chain'),
    code: text(row, 'code'),
    at: time(row, 'at').toISOString(),
  };
}
