/** The exit codes of `share-vault`, stable so that scripts can branch on them. `explain` has its own. */
export const EXIT = {
  /** done */
  done: 0,
  /** not done, for a reason without a code of its own; a broken log; a problem that `doctor` found */
  failed: 1,
  /** the arguments are wrong: nothing was changed */
  usage: 2,
  /** no such record, properties, parameter or resource */
  notFound: 3,
  /** the wallet was revoked */
  revoked: 4,
  /** something is in another state: a live record, a version of the properties, a freeze, a share key that is needed */
  conflict: 5,
  /** not allowed: no permission, no credentials, no region, no such function or actor; openings are frozen */
  refused: 6,
  /** the same command may succeed later: a time limit, a broken connection, a busy service */
  retryable: 7,
  /** the output can't be written: a full disk, a closed pipe, a file that exists */
  output: 8,
  /** the program after `--` failed */
  program: 9,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
