import type { CheckRequest } from '../contract/restore-checks';

/** Returns the whole minutes that a restore took, and those between its backup and its start. */
export function minutesOf({
  recoveryPointAt,
  startedAt,
  completedAt,
}: Pick<CheckRequest, 'recoveryPointAt' | 'startedAt' | 'completedAt'>): {
  readonly restoreMinutes: number;
  readonly recoveryPointAgeMinutes: number;
} {
  return {
    restoreMinutes: minutesBetween(startedAt, completedAt),
    recoveryPointAgeMinutes: minutesBetween(recoveryPointAt, startedAt),
  };
}

function minutesBetween(from: string, to: string): number {
  return Math.round((new Date(to).getTime() - new Date(from).getTime()) / 60_000);
}
