/** What the keys of receipts in the bucket begin with. */
export const RECEIPTS_PREFIX = 'receipts/';
