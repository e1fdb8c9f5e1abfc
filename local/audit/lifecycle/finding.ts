/** What a rule has against a template, or against an update from one template to another. */
export interface Finding {
  readonly rule: string;
  /** The logical id of the resource that the finding is about. */
  readonly resource: string;
  readonly problem: string;
}
