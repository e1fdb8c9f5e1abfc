import { VaultError } from '../contract/errors';
import { receiptObject } from '../contract/receipt-object';
import { type Deadline, deadlineIn } from '../invocation/deadline';
import type { PendingReceipts } from './receipts';
import { type KeepingBucket, codeOf } from './tombstone-bucket';

/** Longest that a run waits for the bucket at once: the state machine repeats what failed. */
const LONGEST_MS = 20_000;
/** A run's own receipt and some that failed before. */
const MOST_OF_A_CALL = 10;

export interface KeepingReceipts {
  readonly bucket: KeepingBucket;
  readonly pending: Pick<PendingReceipts, 'list' | 'keep'>;
}

/**
 * Brings a run's receipt into the bucket, and then some that failed before. Throws `StoreUnavailable` if the bucket refuses
 * one or can't be reached: it stays pending for the next call, the next run or the hourly sweep.
 */
export async function keepReceipts(keeping: KeepingReceipts, run: string, deadline: Deadline): Promise<void> {
  const own = deadlineIn(Math.min(LONGEST_MS, deadline.remainingMs()), deadline.signal);
  await keepSomeReceipts(keeping, run, own);
}

/** Stores some pending receipts, one after another, and returns how many. Throws the first failure. */
export async function keepSomeReceipts(
  { bucket, pending }: KeepingReceipts,
  run: string | undefined,
  deadline: Deadline,
): Promise<number> {
  const receipts = await pending.list(run, MOST_OF_A_CALL, deadline);
  for (const receipt of receipts) {
    const { key, bytes } = receiptObject(receipt);
    await bucket.putOnce(key, bytes, deadline.signal).catch(refuse);
    await pending.keep(receipt, deadline);
  }
  return receipts.length;
}

/** A refusal may be that of a policy that does not apply yet: the state machine repeats `StoreUnavailable`. */
function refuse(cause: unknown): never {
  const message = `bucket: expected it to keep the receipt, got ${codeOf(cause)}`;
  throw new VaultError('StoreUnavailable', message, { cause });
}
