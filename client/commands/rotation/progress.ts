import type { CensusGroup } from '../../../lambda/contract/responses';
import type { ResealRunFact } from '../../../lambda/contract/reseal-runs';
import { isCurrent } from './target';

/** How far a run came, seen at one time. */
export interface Progress {
  readonly resealed: number;
  readonly failed: number;
  /** records that are not on the run's target */
  readonly left: number;
  /** records a second */
  readonly rate: number;
  /** absent while nothing is known of the rate */
  readonly secondsLeft?: number;
}

/** @param before - the former sight of the same run: the rate is that since then, at first that since the run's start */
export function progressOf(
  run: ResealRunFact,
  groups: readonly CensusGroup[],
  before?: { readonly resealed: number; readonly at: number },
  now: number = Date.now(),
): Progress {
  const { resealed, failed, keyId, keyMaterialId } = run;
  const target = { keyId, ...(keyMaterialId !== undefined && { keyMaterialId }), source: 'the last reseal' } as const;
  const left = groups.filter((group) => !isCurrent(group, target)).reduce((sum, { records }) => sum + records, 0);
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
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Returns progress as one line of at most 80 columns. */
export function lineOf({ resealed, failed, left, rate, secondsLeft }: Progress): string {
  const time = secondsLeft === undefined || left === 0 ? '' : `, ${spanText(secondsLeft)}`;
  return `resealed ${resealed}, failed ${failed}, left ${left}; ${rate.toFixed(1)} a second${time}`;
}
