import { RESEAL_RECEIPT, type ReceiptResponse, type ResealReceipt } from '../contract/reseals';
import { readBy } from '../contract/schema';
import { VaultError } from '../contract/errors';
import type { ResealRun, ResealTarget, StoredReceipt } from '../store/reseals';
import { canonical } from './canonical-json';
import { digestOfHeads } from './heads-digest';
import { verifySample } from './reseal-sample';
import type { ResealCall, ResealParts } from './reseals';

/** The heads are those of this long before the run's end: longer than any transaction of a function, so that no row of that time is still to be committed. */
const HEADS_AGE_MS = 60_000;

type Census = ResealReceipt['census'];

/** Ends a run and writes its receipt. Made again after an interruption, it returns what the first one wrote. */
export async function writeReceipt(call: ResealCall, parts: ResealParts): Promise<ReceiptResponse> {
  const { run, deadline } = call;
  const { reseals } = parts;
  const written = await reseals.receipt(run, deadline);
  if (written !== undefined) return responseOf(written, call, parts);
  const ended = await reseals.end(run, parts.keyIds, deadline);
  const receipt = canonical(await receiptOf(ended, call, parts));
  return responseOf(await reseals.writeReceipt(run, receipt, deadline), call, parts);
}

async function receiptOf(ended: ResealRun, call: ResealCall, parts: ResealParts): Promise<ResealReceipt> {
  const { run, keyId, keyMaterialId, startedAt, endedAt = '', resealed, changed, failed } = ended;
  const sample = await verifySample(call, parts);
  const census = await parts.reseals.census(call.deadline);
  const at = new Date(new Date(endedAt).getTime() - HEADS_AGE_MS);
  return {
    ...{ version: 1, environment: parts.environment, run, keyId, keyMaterialId, startedAt, endedAt },
    ...{ resealed, changed, failed, census, percentOnTarget: percentOf(census, ended), sample },
    heads: await digestOfHeads(at, parts.reseals, call.deadline),
  };
}

function percentOf(census: Census, { keyId, keyMaterialId }: ResealTarget): number {
  const isOnTarget = (group: Census[number]): boolean =>
    group.keyId === keyId && (keyMaterialId === '' || group.keyMaterialId === keyMaterialId);
  const sum = (groups: Census): number => groups.reduce((total, { records }) => total + records, 0);
  const all = sum(census);
  return all === 0 ? 100 : Math.floor((sum(census.filter(isOnTarget)) * 10_000) / all) / 100;
}

/** A run that listed a record is no success: an interrupted call may have found it, and the receipt's sample has others. */
async function responseOf(
  { receipt, sha256 }: StoredReceipt,
  { run, deadline }: ResealCall,
  { reseals }: ResealParts,
): Promise<ReceiptResponse> {
  const { resealed, changed, failed, sample } = parse(receipt);
  const hasListed = await reseals.hasFailures(run, deadline);
  const isWhole = failed === 0 && sample.mismatched === 0 && sample.failed === 0 && !hasListed;
  return { next: isWhole ? 'succeed' : 'fail', resealed, changed, failed, sha256: sha256.toString('hex') };
}

function parse(receipt: string): ResealReceipt {
  const refuse = (message: string): VaultError => new VaultError('InternalError', message);
  return readBy(RESEAL_RECEIPT, JSON.parse(receipt), { name: 'receipt' }, refuse);
}
