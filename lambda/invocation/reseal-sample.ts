import { wipe } from '../contract/bytes';
import { MATERIALS, type MaterialName } from '../contract/kinds';
import { type ResealFailure, type ResealReceipt, recordsToVerify } from '../contract/reseals';
import { isSealedUnder } from '../keys/share-keys';
import { UnusableKeyError } from '../keys/unusable-key';
import { pause } from '../store/pause';
import type { StaleRecord } from '../store/reseals';
import { failureOf, openMaterial } from './reseal-record';
import type { ResealCall, ResealParts } from './reseals';
import { waitForAll } from './settle';

type Sample = Required<ResealReceipt['sample']>;

/** Records that are opened at random after a run, unless its name says how many. */
const SAMPLE_RECORDS = 10;
/** Records of one call: their ciphertext is in memory at once. */
const PAGE_RECORDS = 50;
/** Records that are opened at once, as in a step. */
const CONCURRENCY = 12;
/** Pages without a record, one after another, after which the wallets of the last ones count as held for long. */
const EMPTY_PAGES = 3;
/** The pause after such a page: longer than most transactions. */
const PAUSE_MS = 500;

/**
 * Opens records at random, each on record. KMS says which material wrapped their data keys; the database's owner can't make it
 * up. Those that do not open as their rows say are listed by the run. Fewer than asked for if the vault has fewer, or if others
 * hold their wallets for long. Throws `Frozen` if a run that only verifies may not open a kind: it would verify nothing of it.
 */
export async function verifySample(call: ResealCall, parts: ResealParts): Promise<Sample> {
  const { run, requestId, deadline } = call;
  const toVerify = recordsToVerify(run);
  const wanted = toVerify ?? SAMPLE_RECORDS;
  const seen = new Set<string>();
  const sample = { opened: 0, mismatched: 0, failed: 0, uncompared: 0 };
  let pages = 2 * Math.ceil(wanted / PAGE_RECORDS) + EMPTY_PAGES;
  // a page has fewer records than asked for, and is not the last one, if others held their wallets
  for (let empty = 0; pages > 0 && empty < EMPTY_PAGES && seen.size < wanted; pages -= 1) {
    const limit = Math.min(PAGE_RECORDS, wanted - seen.size);
    const query = { keyIds: parts.keyIds, seen: [...seen], allKinds: toVerify !== undefined, limit };
    const page = await parts.reseals.sample(query, requestId, deadline);
    for (const { recordId } of page) seen.add(recordId);
    await verifyPage(page, call, parts, sample);
    empty = page.length === 0 ? empty + 1 : 0;
    if (empty === 0) continue;
    if (seen.size >= (await openable(call, parts))) break;
    if (empty < EMPTY_PAGES) await pause(PAUSE_MS, deadline.signal);
  }
  return sample;
}

/** Returns how many records the vault has under the keys that may be opened with. */
async function openable({ deadline }: ResealCall, { reseals, keyIds }: ResealParts): Promise<number> {
  const groups = (await reseals.census(deadline)).filter(({ keyId }) => keyIds.includes(keyId));
  return groups.reduce((sum, { records }) => sum + records, 0);
}

/** Waits for all workers: none holds a data key once a failure is thrown. After it no further record is begun. */
async function verifyPage(
  records: readonly StaleRecord[],
  { run, deadline }: ResealCall,
  parts: ResealParts,
  sample: { -readonly [Name in keyof Sample]: number },
): Promise<void> {
  const rest = records.values();
  let failed = false;
  const verify = async (record: StaleRecord): Promise<void> => {
    const { problem, isCompared = true } = await verifyRecord(record, parts, deadline.signal);
    sample[problem === undefined ? 'opened' : problem === 'MaterialMismatch' ? 'mismatched' : 'failed'] += 1;
    if (!isCompared) sample.uncompared += 1;
    if (problem !== undefined) await parts.reseals.noteFailure(run, record.recordId, problem, deadline);
  };
  const work = async (): Promise<void> => {
    for (const record of rest) {
      if (failed) return;
      try {
        await verify(record);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await waitForAll(Array.from({ length: CONCURRENCY }, work));
}

/** Why a record did not open as its row says; `undefined` if it did. */
interface Found {
  readonly problem?: ResealFailure;
  /** false: its row names no material, and KMS does @default true */
  readonly isCompared?: boolean;
}

async function verifyRecord(
  record: StaleRecord,
  { environment, observedKey }: ResealParts,
  signal: AbortSignal,
): Promise<Found> {
  const seen = new Set<string>();
  const key = observedKey((materialId) => seen.add(materialId));
  const names: readonly MaterialName[] = MATERIALS[record.kind];
  try {
    for (const name of names) wipe(await openMaterial(name, record, environment, key, signal));
  } catch (error) {
    // of a former key that does not open: the run has counted its records, and its receipt is still to be written
    if (error instanceof UnusableKeyError && error.keyId !== key.keyId) return { problem: 'KeyUnavailable' };
    return { problem: failureOf(error) };
  }
  const isUnderItsKey = names.every((name) => isSealedUnder(record.keyId, record.sealed[name] ?? Buffer.alloc(0)));
  if (!isUnderItsKey) return { problem: 'MaterialMismatch' };
  // a key outside AWS names no material: then there is none to compare
  if (record.keyMaterialId === '') return { isCompared: [...seen].every((id) => id === '') };
  return [...seen].every((id) => id === record.keyMaterialId) ? {} : { problem: 'MaterialMismatch' };
}
