/** A finding of a rule pack that was reviewed, the places at which it may remain, and the reason. */
export interface Acknowledgement {
  /** Rule ids; a rule with several findings also needs the finding, in square brackets. */
  readonly ids: readonly string[];
  /** Pattern of construct paths below the vault. */
  readonly at: RegExp;
  readonly reason: string;
}
