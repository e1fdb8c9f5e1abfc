import { type ObjectOfBucket, objectOf } from './bucket-object';
import { RECEIPTS_PREFIX } from './receipt-prefix';

/** A receipt of a reseal, as the table has it. */
export interface WrittenReceipt {
  /** ISO 8601, UTC: when the run ended */
  readonly endedAt: string;
  /** canonical JSON */
  readonly receipt: string;
}

/** Returns the object of a receipt: its exact bytes. */
export function receiptObject({ endedAt, receipt }: WrittenReceipt): ObjectOfBucket {
  return objectOf(RECEIPTS_PREFIX, endedAt, Buffer.from(receipt, 'utf8'));
}
