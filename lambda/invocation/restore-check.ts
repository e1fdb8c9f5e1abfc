import { VaultError } from '../contract/errors';
import {
  type CheckRequest,
  type CheckResponse,
  FAILED_FACTS,
  PROVEN_FACTS,
  type ProvenFacts,
} from '../contract/restore-checks';
import type { StoredTest } from '../store/restore-checks';
import { canonical } from './canonical-json';
import { asVaultError } from './failure';
import type { RestoreCall, RestoreCheckParts } from './restore-checks';
import { type Proof, proveRestore } from './restore-proof';
import { requireRestored } from './restored-host';
import { openFacts, readFacts, sealFacts } from './sealed-facts';
import { RETRYABLE_CODES } from '../contract/codes';

/**
 * Tests a restored database, and writes the result into the vault's own. Called again for a job, it returns the
 * result of the first time. A damaged database is a response, not an error.
 */
export async function checkRestore(
  request: CheckRequest,
  call: RestoreCall,
  parts: RestoreCheckParts,
): Promise<CheckResponse> {
  requireTimes(request);
  requireRestored(request.cluster, parts.own);
  const { restoreJobId } = request;
  const written = await parts.checks.test(restoreJobId, call.deadline);
  if (written !== undefined) return responseOf(written, call, parts);
  const proof = await proveConnected(request, call, parts);
  const result = await resultOf(request, proof, call, parts);
  return responseOf(await parts.checks.writeTest(restoreJobId, result, call.deadline), call, parts);
}

function requireTimes({ recoveryPointAt, startedAt, completedAt }: CheckRequest): void {
  const isInOrder = recoveryPointAt <= startedAt && startedAt <= completedAt;
  if (!isInOrder) {
    throw new VaultError('InvalidRequest', 'request: expected a backup, a start and an end in this order, got others');
  }
}

async function proveConnected(request: CheckRequest, call: RestoreCall, parts: RestoreCheckParts): Promise<Proof> {
  const restored = parts.connectTo(request.cluster);
  try {
    return await proveRestore(request, restored, call, parts);
  } finally {
    await restored.close();
  }
}

async function resultOf(
  { restoreJobId, startedAt, completedAt, recoveryPointAt }: CheckRequest,
  proof: Proof,
  { deadline }: RestoreCall,
  parts: RestoreCheckParts,
): Promise<Pick<StoredTest, 'facts' | 'sealed'>> {
  const tested = { version: 1 as const, restoreJobId, startedAt, completedAt, recoveryPointAt };
  if ('problem' in proof) {
    const message = proof.problem.slice(0, 256);
    return { facts: canonical({ type: 'failed-restore', ...tested, message }), sealed: undefined };
  }
  const { canary, facts: kept, wallets, compared } = proof;
  const { at } = await parts.checks.holdings(undefined, deadline);
  const message =
    `the canary of ${kept.at} opens, the logs of ${kept.heads.wallets} wallets until then are whole, ` +
    `and the records of ${compared} of ${wallets} wallets are those of the vault: the others changed since`;
  const facts: Omit<ProvenFacts, 'sha256'> = {
    type: 'proven-restore',
    ...tested,
    at: at.toISOString(),
    canary,
    wallets,
    compared,
    message,
  };
  return sealFacts(restoreJobId, facts, parts, deadline.signal);
}

/** Returns a stored result. A success that this function didn't write is a failure. */
async function responseOf(
  test: StoredTest,
  { deadline }: RestoreCall,
  parts: RestoreCheckParts,
): Promise<CheckResponse> {
  const { restoreJobId, successful, facts, sealed } = test;
  try {
    if (!successful || sealed === undefined)
      return { status: 'FAILED', message: readFacts(facts, FAILED_FACTS).message };
    const { message } = await openFacts(restoreJobId, { facts, sealed }, PROVEN_FACTS, parts, deadline.signal);
    return { status: 'SUCCESSFUL', message };
  } catch (error) {
    const failure = asVaultError(error);
    if (RETRYABLE_CODES.has(failure.name) || failure.name === 'InternalError') throw failure;
    return { status: 'FAILED', message: `the stored result does not open: ${failure.name}` };
  }
}
