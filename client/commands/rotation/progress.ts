import type { CensusGroup } from '../../../lambda/contract/responses';
import type { ResealRunFact } from '../../../lambda/contract/reseal-runs';
import { isCurrent } from './target';

/** How far a run came. */
export interface Progress {
  readonly resealed: number;
  readonly failed: number;
  /** records that are not on the run's target */
  readonly left: number;
  /** records a second */
  readonly rate: number;
  /** absent while the rate is unknown */
  readonly secondsLeft?: number;
}

/** Counts the records of a census that are not on the run's target. */
export function leftOf({ keyId, keyMaterialId }: ResealRunFact, groups: readonly CensusGroup[]): number {
  const target = { keyId, ...(keyMaterialId !== undefined && { keyMaterialId }) };
  return groups.filter((group) => !isCurrent(group, target)).reduce((sum, { records }) => sum + records, 0);
}

/**
 * @param before - the run when it was read before: the rate is that since then, at first that since the run's start
 * @param now - when the run was read
 */
export function progressOf(
  run: ResealRunFact,
  left: number,
  before: { readonly resealed: number; readonly at: number } | undefined,
  now: number,
): Progress {
  const { resealed, failed } = run;
  const from = before ?? { resealed: 0, at: Date.parse(run.startedAt) };
  const until = before === undefined ? Date.parse(run.lastStepAt) : now;
  const seconds = Math.max(0, until - from.at) / 1000;
  const rate = seconds === 0 ? 0 : Math.max(0, resealed - from.resealed) / seconds;
  return { resealed, failed, left, rate, ...(rate > 0 && { secondsLeft: Math.ceil(left / rate) }) };
}

/** Returns a span of time such as `2 h 5 min`. */
export function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 100 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}

/** Returns an execution as one line: with up to 10^7 records of each count, it has at most 80 columns. */
export function lineOf(status: string, progress: Progress | undefined): string {
  if (progress === undefined) return status;
  const { resealed, failed, left, rate, secondsLeft } = progress;
  const speed = `${rate < 100 ? rate.toFixed(1) : Math.round(rate)}/s`;
  const time = status !== 'RUNNING' || secondsLeft === undefined || left === 0 ? '' : `, ${spanText(secondsLeft)}`;
  return `${status}  resealed ${resealed}, failed ${failed}, left ${left}; ${speed}${time}`;
}
