import { createHash } from 'node:crypto';
import { wipe } from '../contract/bytes';
import { MATERIALS, type MaterialName } from '../contract/kinds';
import { RESEAL_RECEIPT, type ReceiptResponse, type ResealReceipt } from '../contract/reseals';
import { readBy } from '../contract/schema';
import { VaultError } from '../contract/errors';
import { UnusableKeyError } from '../keys/unusable-key';
import type { ResealRun, ResealTarget, StaleRecord, StoredReceipt } from '../store/reseals';
import { failureOf, openMaterial } from './reseal-record';
import type { ResealCall, ResealParts } from './reseals';

/** Records that are opened at random after a run. */
const SAMPLE_RECORDS = 10;
/** The heads are those of this long before the run's end: longer than any transaction of a function, so that no row of that time is still to be committed. */
const HEADS_AGE_MS = 60_000;

type Census = ResealReceipt['census'];

/** Ends a run and writes its receipt. Made again after an interruption, it returns what the first one wrote. */
export async function writeReceipt(call: ResealCall, parts: ResealParts): Promise<ReceiptResponse> {
  const { run, deadline } = call;
  const { reseals } = parts;
  const written = await reseals.receipt(run, deadline);
  if (written !== undefined) return responseOf(written);
  const ended = await reseals.end(run, parts.keyIds, deadline);
  const receipt = canonical(await receiptOf(ended, call, parts));
  return responseOf(await reseals.writeReceipt(run, receipt, deadline));
}

async function receiptOf(ended: ResealRun, call: ResealCall, parts: ResealParts): Promise<ResealReceipt> {
  const { run, keyId, keyMaterialId, startedAt, endedAt = '', resealed, changed, failed } = ended;
  const sample = await verifySample(call, parts);
  const census = await parts.reseals.census(call.deadline);
  const at = new Date(new Date(endedAt).getTime() - HEADS_AGE_MS);
  return {
    ...{ version: 1, environment: parts.environment, run, keyId, keyMaterialId, startedAt, endedAt },
    ...{ resealed, changed, failed, census, percentOnTarget: percentOf(census, ended), sample },
    heads: await digestOfHeads(at, call, parts),
  };
}

/** Opens records at random. KMS says which material wrapped their data keys; the database's owner can't make it up. */
async function verifySample({ requestId, deadline }: ResealCall, parts: ResealParts): Promise<ResealReceipt['sample']> {
  const records = await parts.reseals.sample(parts.keyIds, SAMPLE_RECORDS, requestId, deadline);
  const sample = { opened: 0, mismatched: 0, failed: 0 };
  for (const record of records) sample[await verify(record, parts, deadline.signal)] += 1;
  return sample;
}

async function verify(
  record: StaleRecord,
  { environment, observedKey }: ResealParts,
  signal: AbortSignal,
): Promise<keyof ResealReceipt['sample']> {
  const seen = new Set<string>();
  const key = observedKey((materialId) => seen.add(materialId));
  const names: readonly MaterialName[] = MATERIALS[record.kind];
  try {
    for (const name of names) wipe(await openMaterial(name, record, environment, key, signal));
  } catch (error) {
    // of a former key that does not open: the run has counted its records, and its receipt is still to be written
    if (!(error instanceof UnusableKeyError && error.keyId !== key.keyId)) failureOf(error);
    return 'failed';
  }
  // of an unknown material, or of a key outside AWS, there is nothing to compare
  const isAsStored = record.keyMaterialId === '' || [...seen].every((id) => id === record.keyMaterialId);
  return isAsStored ? 'opened' : 'mismatched';
}

/** One page of wallets at a time, so that the memory for it does not depend on their number. */
async function digestOfHeads(
  at: Date,
  { deadline }: ResealCall,
  { reseals }: ResealParts,
): Promise<ResealReceipt['heads']> {
  const hash = createHash('sha256');
  let wallets = 0;
  let after: Parameters<typeof reseals.heads>[1];
  do {
    const page = await reseals.heads(at, after, deadline);
    hash.update(page.lines, 'utf8');
    wallets += page.wallets;
    after = page.last;
  } while (after !== undefined);
  return { at: at.toISOString(), wallets, sha256: hash.digest('hex') };
}

function percentOf(census: Census, { keyId, keyMaterialId }: ResealTarget): number {
  const isOnTarget = (group: Census[number]): boolean =>
    group.keyId === keyId && (keyMaterialId === '' || group.keyMaterialId === keyMaterialId);
  const sum = (groups: Census): number => groups.reduce((total, { records }) => total + records, 0);
  const all = sum(census);
  return all === 0 ? 100 : Math.floor((sum(census.filter(isOnTarget)) * 10_000) / all) / 100;
}

function responseOf({ receipt, sha256 }: StoredReceipt): ReceiptResponse {
  const { resealed, changed, failed, sample } = parse(receipt);
  const isWhole = failed === 0 && sample.mismatched === 0 && sample.failed === 0;
  return { next: isWhole ? 'succeed' : 'fail', resealed, changed, failed, sha256: sha256.toString('hex') };
}

function parse(receipt: string): ResealReceipt {
  const refuse = (message: string): VaultError => new VaultError('InternalError', message);
  return readBy(RESEAL_RECEIPT, JSON.parse(receipt), { name: 'receipt' }, refuse);
}

/** JSON with the members of every object in order, without blanks: one receipt has one text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
