/** Names of the functions' metrics: their log lines carry them, and the constructs' alarms use them. */
export const METRICS = {
  namespace: 'ShareVault',
  /** calls that succeeded, by environment, function and actor */
  answered: 'Answered',
  /** records whose materials a caller received, by environment and function: a call may have 100 of them */
  unsealed: 'Unsealed',
  /** calls, and items of batches, that were refused or failed, by environment and function */
  refused: 'Refused',
  /** those of them that only tampering, or a call without an actor, explains */
  tampered: 'Tampered',
  /** those of them that no caller causes: the vault failed, or a service that it needs */
  failed: 'Failed',
  /** freezes in force after a call of freeze or thaw and after each migration, by environment: 0 ends the alarm */
  frozen: 'Frozen',
  /** requests to thaw, by environment and function */
  thawRequested: 'ThawRequested',
  /** thaws that another actor confirmed, by environment and function */
  thawed: 'Thawed',
  /** thaws that the log has since the last migration, by environment and function: past the functions, too */
  thawsLogged: 'ThawsLogged',
  /** records that a reseal brought under the present key and material, by environment and function */
  resealed: 'Resealed',
  /** records that a run could not reseal, counted at its end, by environment and function */
  unresealed: 'Unresealed',
  /** records that are not on the share key's newest material, counted by each migration, by environment */
  stale: 'StaleRecords',
  /** whole days since the vault met the oldest key material that a record needs, by environment: no unit */
  materialDays: 'OldestMaterialDays',
  /** materials that `unseal` opened under a share key that only opens, by environment and function */
  openedRetiring: 'OpenedByRetiringKey',
  /** those of them whose key no record needed any more, by environment and function: somebody brought an old row back */
  openedRetired: 'OpenedByRetiredKey',
  /** items and months of the access log that the daily sweep should have destroyed two days ago, by environment and function */
  overdue: 'Overdue',
  /** tombstones that the bucket doesn't have, after each revocation and migration, by environment: 0 ends the alarm */
  tombstonesPending: 'TombstonesPending',
  /** minutes that the restore of a backup took, by environment: no unit */
  restoreMinutes: 'RestoreMinutes',
  /** minutes between a backup and its restore, by environment: no unit */
  recoveryPointAgeMinutes: 'RecoveryPointAgeMinutes',
  /** whole days since a restore test succeeded, else since the first canary, by environment: no unit */
  daysSinceRestoreTest: 'DaysSinceRestoreTest',
  /** migrations after which the database's log has no audit */
  unaudited: 'Unaudited',
} as const;
