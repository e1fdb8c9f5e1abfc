/** What a benchmark found: a table to print, whose ratios go to `bench/results.json`. */
export interface Table {
  /** what was measured, with the unit of the cells */
  readonly title: string;
  /** headings of the cells; the ratios have headings of their own */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly notes?: readonly string[];
}

export interface Row {
  readonly label: string;
  /** one a column; `NaN` for a cell that stays empty */
  readonly cells: readonly number[];
  readonly ratios?: readonly Ratio[];
}

/** How often one way takes as long as another, within a round. */
export interface Ratio {
  /** the same in every run, for example `message/seal/600/esdk` */
  readonly id: string;
  /** for people, for example `ESDK / native` */
  readonly heading: string;
  readonly median: number;
  /** the 10th and the 90th percentile of the rounds */
  readonly low: number;
  readonly high: number;
  readonly goal?: Goal;
}

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

export function reaches({ median, goal }: Ratio): boolean {
  if (goal === undefined) return true;
  return 'atMost' in goal ? median <= goal.atMost : median >= goal.atLeast;
}
