import type { WrittenReceipt } from '../contract/receipt-object';
import type { Deadline } from '../invocation/deadline';
import { text, time } from './rows';
import type { Session } from './session';

const PENDING = 'SELECT * FROM vault_api.pending_receipts($1,$2::integer)';
const KEEP = 'SELECT vault_api.keep_receipt($1)';

/** A receipt that the bucket doesn't have. */
export interface PendingReceipt extends WrittenReceipt {
  readonly run: string;
}

/** The receipts of reseals that a bucket outside the database doesn't have. Throws as the record store. */
export class PendingReceipts {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  /** Returns some of them: that of a run first, then the oldest. */
  async list(run: string | undefined, most: number, deadline: Deadline): Promise<readonly PendingReceipt[]> {
    const rows = await this.session.query(PENDING, [run, most], deadline);
    return rows.map((row) => ({
      run: text(row, 'run'),
      endedAt: time(row, 'ended_at').toISOString(),
      receipt: text(row, 'receipt'),
    }));
  }

  /** Notes that the bucket has it. */
  async keep({ run }: PendingReceipt, deadline: Deadline): Promise<void> {
    await this.session.query(KEEP, [run], deadline);
  }
}
