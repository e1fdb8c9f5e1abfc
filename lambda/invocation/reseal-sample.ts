import { wipe } from '../contract/bytes';
import { MATERIALS, type MaterialName } from '../contract/kinds';
import { type ResealFailure, type ResealReceipt, recordsToVerify } from '../contract/reseals';
import { UnusableKeyError } from '../keys/unusable-key';
import type { StaleRecord } from '../store/reseals';
import { failureOf, openMaterial } from './reseal-record';
import type { ResealCall, ResealParts } from './reseals';

type Sample = ResealReceipt['sample'];

/** Records that are opened at random after a run, unless its name says how many. */
const SAMPLE_RECORDS = 10;
/** Records of one call: their ciphertext is in memory at once. */
const PAGE_RECORDS = 50;
/** Records that are opened at once, as in a step. */
const CONCURRENCY = 12;

/**
 * Opens records at random, each on record. KMS says which material wrapped their data keys; the database's owner can't make it
 * up. Those that do not open as their rows say are listed by the run. Fewer than asked for if the vault has fewer.
 */
export async function verifySample(call: ResealCall, parts: ResealParts): Promise<Sample> {
  const { run, requestId, deadline } = call;
  const wanted = recordsToVerify(run) ?? SAMPLE_RECORDS;
  const seen = new Set<string>();
  const sample = { opened: 0, mismatched: 0, failed: 0 };
  // each page begins at a random place: some records come twice, and count once
  for (let pages = 2 * Math.ceil(wanted / PAGE_RECORDS); pages > 0 && seen.size < wanted; pages -= 1) {
    const limit = Math.min(PAGE_RECORDS, wanted - seen.size);
    const page = await parts.reseals.sample(parts.keyIds, limit, requestId, deadline);
    const fresh = page.filter(({ recordId }) => !seen.has(recordId));
    for (const { recordId } of fresh) seen.add(recordId);
    await verifyPage(fresh, call, parts, sample);
    // there are no more
    if (page.length < limit) break;
  }
  return sample;
}

async function verifyPage(
  records: readonly StaleRecord[],
  { run, deadline }: ResealCall,
  parts: ResealParts,
  sample: Record<keyof Sample, number>,
): Promise<void> {
  const rest = records.values();
  const work = async (): Promise<void> => {
    for (const record of rest) {
      const problem = await problemOf(record, parts, deadline.signal);
      sample[problem === undefined ? 'opened' : problem === 'MaterialMismatch' ? 'mismatched' : 'failed'] += 1;
      if (problem !== undefined) await parts.reseals.noteFailure(run, record.recordId, problem, deadline);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** Returns why a record did not open as its row says; `undefined` if it did. */
async function problemOf(
  record: StaleRecord,
  { environment, observedKey }: ResealParts,
  signal: AbortSignal,
): Promise<ResealFailure | undefined> {
  const seen = new Set<string>();
  const key = observedKey((materialId) => seen.add(materialId));
  const names: readonly MaterialName[] = MATERIALS[record.kind];
  try {
    for (const name of names) wipe(await openMaterial(name, record, environment, key, signal));
  } catch (error) {
    // of a former key that does not open: the run has counted its records, and its receipt is still to be written
    if (error instanceof UnusableKeyError && error.keyId !== key.keyId) return 'KeyUnavailable';
    return failureOf(error);
  }
  // of an unknown material, or of a key outside AWS, there is nothing to compare
  const isAsStored = record.keyMaterialId === '' || [...seen].every((id) => id === record.keyMaterialId);
  return isAsStored ? undefined : 'MaterialMismatch';
}
