/**
 * The encryption context of the messages of the function `restore-check`: canaries, and its results. A record has no pair `kind`, so
 * a key policy that requires it allows no record, and those for records list their pairs, so they allow no canary.
 */
export const CANARY_CONTEXT = {
  /** every name, sorted: the id of the canary or of the restore job, and SHA-256 (hex) of the sealed facts */
  names: ['environment', 'facts', 'id', 'kind'],
  /** the value of `kind` */
  kind: 'restore-canary',
} as const;
