import { RETRYABLE_CODES } from '../contract/codes';
import { KINDS } from '../contract/kinds';
import { CANARY_FACTS, type CanaryFacts, type CheckRequest } from '../contract/restore-checks';
import type { Canary, PostgresRestoreChecks } from '../store/restore-checks';
import { stateOf } from '../store/pg-errors';
import { asVaultError } from './failure';
import { digestOfHeads } from './heads-digest';
import type { RestoreCall, RestoreCheckParts } from './restore-checks';
import { type Compared, compareRecords } from './restore-records';
import { openFacts } from './sealed-facts';
import { BACKUP_MS, UnprovenError } from './unproven';

/** The result of a proof: the canary that opened, or the problem of the restored database. */
export type Proof =
  ({ readonly canary: string; readonly facts: CanaryFacts } & Compared) | { readonly problem: string };

/** SQLSTATEs of a database of an earlier release: a function, a table or a schema is missing, or the right to use it. */
const MISSING: ReadonlySet<string> = new Set(['42883', '42P01', '3F000', '42501']);

/**
 * Proves that a restored database is complete up to its newest canary, and that its canary opens. Returns a problem of the
 * database or of the share key; throws an error that a retry may cure.
 */
export async function proveRestore(
  request: Pick<CheckRequest, 'recoveryPointAt'>,
  restored: PostgresRestoreChecks,
  call: RestoreCall,
  parts: RestoreCheckParts,
): Promise<Proof> {
  try {
    const recoveryPointAt = new Date(request.recoveryPointAt);
    const canary = await newestCanary(restored, recoveryPointAt, call, parts);
    const facts = await openFacts(canary.id, canary, CANARY_FACTS, parts, call.deadline.signal);
    await requireLog(facts, restored, call);
    await requireRecords(facts, restored, call);
    return { canary: canary.id, facts, ...(await compareRecords(recoveryPointAt, restored, call, parts)) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** Returns the restored database's newest canary, once the vault's own database has the same one and none between it and the backup. */
async function newestCanary(
  restored: PostgresRestoreChecks,
  recoveryPointAt: Date,
  { deadline }: RestoreCall,
  { checks }: RestoreCheckParts,
): Promise<Canary> {
  const canary = await restored.newest(undefined, deadline);
  if (canary === undefined) throw new UnprovenError('expected a canary in the restored database, got none');
  const own = await checks.canary(canary.id, deadline);
  if (own?.facts !== canary.facts || !own.sealed.equals(canary.sealed)) {
    throw new UnprovenError("expected a canary of the vault's own database, got another");
  }
  const latest = await checks.newest(new Date(recoveryPointAt.getTime() - BACKUP_MS), deadline);
  if (latest !== undefined && latest.madeAt > own.madeAt) {
    throw new UnprovenError('expected the newest canary from before the backup, got an older one');
  }
  if (own.madeAt.getTime() > recoveryPointAt.getTime() + BACKUP_MS) {
    throw new UnprovenError('expected a canary from before the backup, got a later one');
  }
  return canary;
}

/** The logs are append-only, so their heads at a time are the same for ever: compared exactly. */
async function requireLog(
  { heads }: CanaryFacts,
  restored: PostgresRestoreChecks,
  { deadline }: RestoreCall,
): Promise<void> {
  const { wallets, sha256 } = await digestOfHeads(new Date(heads.at), restored, deadline);
  if (wallets !== heads.wallets) {
    throw new UnprovenError(`expected access logs of ${heads.wallets} wallets, got ${wallets}`);
  }
  if (sha256 !== heads.sha256) throw new UnprovenError("expected the access logs of the canary's time, got others");
}

/**
 * Compares counts. No wallet is ever deleted, so those of a time are the same for ever. A live record only goes by a revocation,
 * which changes the wallet's tombstones; a record that replaces another is live itself. So each kind has at most one record fewer
 * for each wallet that was revoked since the canary.
 */
async function requireRecords(
  facts: CanaryFacts,
  restored: PostgresRestoreChecks,
  { deadline }: RestoreCall,
): Promise<void> {
  const { wallets, records, revoked } = await restored.holdings(new Date(facts.at), deadline);
  if (wallets !== facts.wallets) throw new UnprovenError(`expected ${facts.wallets} wallets, got ${wallets}`);
  for (const kind of KINDS) {
    const least = facts.records[kind] - revoked;
    if (records[kind] < least) {
      throw new UnprovenError(`expected ${least} live records or more of the kind ${kind}, got ${records[kind]}`);
    }
  }
}

/** Returns the problem that an error states. Throws every error that a retry may cure, and those of the function's settings. */
function problemOf(error: unknown): string {
  if (error instanceof UnprovenError) return error.message;
  const failure = asVaultError(error);
  if (RETRYABLE_CODES.has(failure.name)) throw failure;
  const state = stateOf(failure);
  if (state !== undefined) return problemOfState(state);
  if (failure.name === 'InternalError' || failure.name === 'Misconfigured') throw failure;
  return `the canary does not open: ${failure.name}: ${failure.message}`;
}

function problemOfState(state: string): string {
  if (MISSING.has(state)) return 'expected a backup of a release with restore checks, got one of an earlier release';
  return `a query of the restored database failed: SQLSTATE ${state}`;
}
