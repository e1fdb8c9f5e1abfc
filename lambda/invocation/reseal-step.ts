import { VaultError } from '../contract/errors';
import { type StepResponse, recordsToVerify } from '../contract/reseals';
import type { Resealed, StaleRecord } from '../store/reseals';
import { UnusableKeyError } from '../keys/unusable-key';
import { asVaultError } from './failure';
import { resealRecord } from './reseal-record';
import type { ResealCall, ResealParts } from './reseals';

/** Records of a page: the database sends fewer if they are long. */
const PAGE_RECORDS = 100;
/** Records that are opened at once: each holds a material or two, and makes two calls to KMS for each. */
const CONCURRENCY = 12;
/** A step works for so long; the function's time is longer, so that the last page is finished. */
const STEP_MS = 300_000;
/**
 * No further record of a page is begun after so long. Results that come later are lost: a claim lasts a minute, and the
 * database ends a session that was idle for as long.
 */
const PAGE_WORK_MS = 20_000;
/** Longer than a page: its work, three attempts of KMS for the last record, and a query. */
const PAGE_MS = 40_000;

type Counts = Pick<StepResponse, 'resealed' | 'changed' | 'failed'>;

/** A page's results. A record that is in none of them is claimed again, by this run or another, a minute later. */
interface Page {
  readonly done: readonly Resealed[];
  /** whether KMS asked to slow down */
  readonly throttled: boolean;
  /** former keys that did not open, by their names in records */
  readonly unusable: ReadonlySet<string>;
  /** of the share key, or of the way to a key: no record's own */
  readonly failure: VaultError | undefined;
}

/**
 * Reseals the run's records until none is left, KMS asks to slow down, or the time is up. A former key that does not open is
 * passed over, so that the records of the others are resealed; the run's end counts the others. What was done is
 * stored before a failure is thrown. `report` gets the counts after each page.
 */
export async function resealStep(
  { run, requestId, deadline }: ResealCall,
  parts: ResealParts,
  report: (counts: Counts) => void,
): Promise<StepResponse> {
  const { reseals, keyIds, shareKey } = parts;
  const started = performance.now();
  // a function with less time than a page may take still does one
  const stopMs = Math.min(STEP_MS, deadline.remainingMs() - PAGE_MS);
  const keyMaterialId = await parts.currentMaterialId(deadline.signal);
  await reseals.start(run, { keyId: shareKey.keyId, keyMaterialId }, deadline);
  const counts = { resealed: 0, changed: 0, failed: 0 };
  // its receipt opens the records, and none is resealed
  if (recordsToVerify(run) !== undefined) return { next: 'receipt', ...counts };
  do {
    const records = await reseals.claim(run, keyIds, PAGE_RECORDS, requestId, deadline);
    if (records.length === 0) return { next: await nextOf(run, keyMaterialId, parts, deadline), ...counts };
    const page = await resealPage(records, parts, deadline.signal);
    for (const outcome of await reseals.finish(run, page.done, deadline)) counts[outcome] += 1;
    report(counts);
    for (const keyId of page.unusable) await reseals.passOver(run, keyId, deadline);
    if (page.failure !== undefined) throw page.failure;
    // the claims of what KMS refused last a minute, and so does the pause; after a rotation KMS needs some time to settle
    if (page.throttled || page.done.some((each) => isOffTarget(each, keyMaterialId)))
      return { next: 'wait', ...counts };
  } while (performance.now() - started < stopMs);
  return { next: 'step', ...counts };
}

async function nextOf(
  run: string,
  keyMaterialId: string,
  { reseals, keyIds, currentMaterialId }: ResealParts,
  deadline: ResealCall['deadline'],
): Promise<StepResponse['next']> {
  const left = await reseals.left(run, keyIds, deadline);
  if (left === 'frozen') throw new VaultError('Frozen', 'expected kinds that may be opened, got a frozen one');
  if (left === 'claimed') return 'wait';
  // rotated since the step began: all that it did is stale again
  return (await currentMaterialId(deadline.signal)) === keyMaterialId ? 'receipt' : 'step';
}

/** Whether a data key came under another material than the run's target: the key was rotated meanwhile. */
function isOffTarget(each: Resealed, keyMaterialId: string): boolean {
  return 'keyMaterialId' in each && keyMaterialId !== '' && each.keyMaterialId !== keyMaterialId;
}

/** Reseals a page's records in parallel: half as many at once after KMS asked to slow down, no further one
 * after a failure, or if it takes too long. */
async function resealPage(records: readonly StaleRecord[], parts: ResealParts, signal: AbortSignal): Promise<Page> {
  const done: Resealed[] = [];
  const unusable = new Set<string>();
  const rest = records.values();
  const started = performance.now();
  let [workers, throttled] = [CONCURRENCY, false];
  let failure: VaultError | undefined;
  const work = async (_: unknown, number: number): Promise<void> => {
    for (const record of rest) {
      if (unusable.has(record.keyId)) continue;
      try {
        done.push(await resealRecord(record, parts, signal));
      } catch (error) {
        const caught = asVaultError(error);
        if (caught.name === 'KeyThrottled') [workers, throttled] = [Math.ceil(workers / 2), true];
        else if (isOfFormerKey(caught, parts.shareKey.keyId)) unusable.add(caught.keyId);
        else failure ??= caught;
      }
      if (failure !== undefined || number >= workers || performance.now() - started > PAGE_WORK_MS) return;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { done, throttled, unusable, failure };
}

/** Without the key that seals, nothing can be resealed; without a former one, only its own records. */
function isOfFormerKey(error: VaultError, shareKeyId: string): error is UnusableKeyError {
  return error instanceof UnusableKeyError && error.keyId !== shareKeyId;
}
