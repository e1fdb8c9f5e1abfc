import type { Results } from './results';
import type { Ratio } from './table';

/** A ratio that got worse than its committed value by more than the margin, or can't be compared any more. */
export interface Worse {
  readonly id: string;
  readonly committed: number;
  /** `undefined`: the subject no longer measures it */
  readonly measured: number | undefined;
  /** the worst value that would have passed */
  readonly limit: number;
}

export interface Comparison {
  readonly compared: number;
  readonly worse: readonly Worse[];
}

/** Shares of the committed value. */
export const MARGIN = 0.2;
export const QUICK_MARGIN = 0.4;

/**
 * Compares a subject's ratios with its committed ones. Only those with a goal are compared, since only a goal says if more
 * is worse. A quick run measures fewer, so it may lack some.
 */
export function compareWithCommitted(
  subject: string,
  measured: readonly Ratio[],
  committed: Results,
  { quick }: { readonly quick: boolean },
): Comparison {
  const margin = quick ? QUICK_MARGIN : MARGIN;
  const byId = new Map(measured.map((ratio) => [ratio.id, ratio]));
  const worse: Worse[] = [];
  let compared = 0;
  for (const { id, median, goal } of committed[subject]?.ratios ?? []) {
    if (goal === undefined) continue;
    const now = byId.get(id)?.median;
    if (now === undefined && quick) continue;
    compared += 1;
    const limit = 'atMost' in goal ? median * (1 + margin) : median / (1 + margin);
    const passes = now !== undefined && ('atMost' in goal ? now <= limit : now >= limit);
    if (!passes) worse.push({ id, committed: median, measured: now, limit });
  }
  return { compared, worse };
}
